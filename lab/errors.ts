/** A problem that its reader can act on: the message is the whole story, and no stack trace belongs beside it. */
export class LabError extends Error {
  override readonly name = "LabError";
}
