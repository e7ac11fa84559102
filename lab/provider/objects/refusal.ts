import { LabError } from "../../errors";
import { list, text } from "../../json";
import { ApiError } from "../../kubernetes/client";

/**
 * A refusal of the API server in words for the user.
 * @param title the object, such as `Deployment "shop/cart"`
 */
export function refusal(error: unknown, title: string): unknown {
  if (!(error instanceof ApiError)) {
    return error;
  }
  const unknown = unknownFields(error.message);
  if (unknown.length > 0) {
    return new LabError(
      `${title} has ${unknown.length > 1 ? "fields" : "a field"} that its API does not know: ${unknown.join(", ")}. ` +
        "Check the spelling, and where it stands.",
    );
  }
  if (error.code === 409 && error.reason === "Conflict") {
    return new LabError(`${title} is not applied: ${conflicts(error)}`);
  }
  const causes = list(error.status, "details", "causes");
  if (error.code === 422 && causes.length > 0) {
    const said = causes.map((cause) => `${text(cause, "field") ?? "it"}: ${text(cause, "message") ?? "invalid"}`);
    return new LabError(`${title} is invalid: ${said.join("; ")}`);
  }
  if (error.code === 401) {
    return new LabError(`${title}: the API server does not accept the kubeconfig's credentials.`);
  }
  return new LabError(`${title} is refused by the API server: ${error.message}`);
}

/** Fields that strict validation or server-side apply found no schema for. */
function unknownFields(message: string): string[] {
  const undeclared = [...message.matchAll(/\.([^\s:]+): field not declared in schema/g)];
  const undecoded = [...message.matchAll(/unknown field "([^"]+)"/g)];
  return [...new Set([...undeclared, ...undecoded].map(([, field]) => field ?? ""))];
}

function conflicts(error: ApiError): string {
  const said = list(error.status, "details", "causes")
    .filter((cause) => text(cause, "reason") === "FieldManagerConflict")
    .map((cause) => {
      const manager = /conflict with "([^"]*)"/.exec(text(cause, "message") ?? "")?.[1] ?? "another manager";
      return `${(text(cause, "field") ?? "").replace(/^\./, "")} is set by "${manager}"`;
    });
  if (said.length === 0) {
    return error.message;
  }
  return (
    `${said.join("; ")}. Leave it to that manager (ignoreChanges, or take it out of the program), ` +
    'or take it over with the annotation pulumi.com/patchForce: "true" or PULUMI_K8S_ENABLE_PATCH_FORCE=true.'
  );
}

/**
 * Whether an apply was refused for what may be gone in a moment: an overloaded server, a webhook whose pods come up,
 * a namespace or a definition that is just being made, or on its way out.
 */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) {
    return false;
  }
  const { code, message } = error;
  return (
    [404, 429, 502, 503, 504].includes(code) ||
    (code === 500 && message.includes("failed calling webhook")) ||
    (code === 403 && message.includes("because it is being terminated")) ||
    /etcdserver: (request timed out|leader changed)/.test(message)
  );
}

/**
 * Whether a dry run was refused for want of something that the update itself will have made by then, such as a
 * namespace or a service account, or because a webhook takes no dry runs.
 */
export function isUntold(error: unknown): boolean {
  if (!(error instanceof ApiError)) {
    return false;
  }
  const { code, message } = error;
  return (
    isPassing(error) ||
    (code === 403 && message.includes("not found")) ||
    (code === 400 && message.includes("does not support dry run"))
  );
}
