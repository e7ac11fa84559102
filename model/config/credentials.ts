const shown = "…";

/**
 * A text as it may stand in a report: without private keys, and without what comes before the `@` of a URL. Neither belongs
 * into a stack's file in the clear; a report is read by more people still, in logs of CI and in pull requests.
 */
export function withoutCredentials(text: string): string {
  return text
    .replace(/(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----)[\s\S]*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, `$1 ${shown}`)
    .replace(/[^\s/@:"',]*:[^\s/@"',]+@(?=[\w.[-])/g, `${shown}@`)
    .replace(/(\/\/)[^\s/@:"',]+@(?=[\w.[-])/g, `$1${shown}@`);
}

/** Whether what stands under a key may be a credential, to judge by the key's name: its value is never shown then. */
export function isOfCredential(key: string): boolean {
  return /passw|passphrase|secret|token|credential|private.?key|api.?key|^key$|^auth$/i.test(key);
}
