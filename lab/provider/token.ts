/** A Pulumi type token of this package, such as `kubernetes:apps/v1:Deployment`, taken apart. */
export interface TypeToken {
  apiVersion: string;
  kind: string;
}

/** Token of the one type that is no Kubernetes object. */
export const releaseToken = "kubernetes:helm.sh/v3:Release";

/**
 * The API version and kind that a token names; the package calls the unnamed group `core`.
 * Undefined when the token is not of the form `kubernetes:<group>/<version>:<kind>`.
 */
export function parseToken(token: string): TypeToken | undefined {
  const [, apiVersion, kind, ...rest] = token.split(":");
  if (!token.startsWith("kubernetes:") || apiVersion === undefined || kind === undefined || rest.length > 0) {
    return undefined;
  }
  return { apiVersion: apiVersion.replace(/^core\//, ""), kind };
}

/**
 * The type whose fields a `…Patch` type sets; undefined for a type that is no patch.
 * @param kind the kind that the resource's inputs name, when they name one
 */
export function patchedToken({ apiVersion, kind: name }: TypeToken, kind: string | undefined): TypeToken | undefined {
  const patched = kind ?? name.replace(/Patch$/, "");
  return patched !== "" && name === `${patched}Patch` ? { apiVersion, kind: patched } : undefined;
}
