import { UserError } from "../errors";
import { list, text } from "../json";
import { ApiError } from "./client";

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
    return new UserError(
      `${title} has ${unknown.length > 1 ? "fields" : "a field"} that its API does not know: ${unknown.join(", ")}. ` +
        "Check the spelling, and where it stands.",
    );
  }
  if (error.code === 409 && error.reason === "Conflict") {
    return new UserError(`${title} is not applied: ${conflicts(error)}`);
  }
  const causes = list(error.status, "details", "causes");
  if (error.code === 422 && causes.length > 0) {
    const said = causes.map((cause) => `${text(cause, "field") ?? "it"}: ${text(cause, "message") ?? "invalid"}`);
    return new UserError(`${title} is invalid: ${said.join("; ")}`);
  }
  if (error.code === 401) {
    return new UserError(`${title}: the API server does not accept the kubeconfig's credentials.`);
  }
  return new UserError(`${title} is refused by the API server: ${error.message}`);
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

/** What may be gone in a moment: an overloaded server, a webhook whose pods come up, a namespace that is not there yet. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) {
    return false;
  }
  return (
    [429, 502, 503, 504].includes(error.code) ||
    isWithoutWebhook(error) ||
    isWithoutNamespace(error) ||
    /etcdserver: (request timed out|leader changed)/.test(error.message)
  );
}

export function isWithoutWebhook(error: ApiError): boolean {
  return error.code === 500 && error.message.includes("failed calling webhook");
}

/** The namespace is missing, or on its way out. */
export function isWithoutNamespace(error: ApiError): boolean {
  const missing = error.code === 404 && text(error.status, "details", "kind") === "namespaces";
  return missing || (error.code === 403 && error.message.includes("because it is being terminated"));
}

/**
 * Whether a dry run was refused for want of something that the update itself will have made by then:
 * a namespace, a service account, a definition, a webhook's pods.
 */
export function isUntold(error: unknown): boolean {
  if (!(error instanceof ApiError)) {
    return false;
  }
  return (
    isPassing(error) ||
    error.code === 404 ||
    (error.code === 403 && error.message.includes("not found")) ||
    (error.code === 400 && error.message.includes("does not support dry run"))
  );
}
