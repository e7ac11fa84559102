import { NameProblem } from "./kubernetes-names";

/** What a token is for by which a pod gets its certificate, on a managed mesh too. Source: Istio's injection template. */
const meshAudience = /^(istio-ca|.*[.]svc[.]id[.]goog)$/;

/** Whoever has a token for the mesh's authority has the workload's certificate, and all that it is granted. */
export function checkAudience(audience: string): NameProblem | undefined {
  const problem = meshAudience.test(audience)
    ? "Whoever has a token for the mesh's authority is the workload to every gateway, from wherever they are"
    : audience.includes("*")
      ? "A pattern is taken for an audience of that very name"
      : undefined;
  return problem === undefined
    ? undefined
    : { problem, allowed: "the name of an audience, as https://vault.acme.example", fix: "remove it" };
}

/** Why a text is no registry, nor a part of one; undefined when it is. */
export function checkRegistry(registry: string): NameProblem | undefined {
  const allowed = "a registry, or a part of one, as europe-west1-docker.pkg.dev/acme-prod or docker.io/library";
  if (registry.includes("*")) {
    const bare = registry.replace(/\/\*+$/, "");
    const isPlain = !bare.includes("*") && checkRegistry(bare) === undefined;
    return {
      problem: "Everything below a registry's name is of it, and a wildcard is no part of a name",
      allowed,
      ...(isPlain ? { fix: `write "${bare}"` } : {}),
    };
  }
  if (/^[a-z+]+:\/\//.test(registry) || registry.endsWith("/")) {
    const bare = registry.replace(/^[a-z+]+:\/\//, "").replace(/\/+$/, "");
    return {
      problem: "Not as images name it",
      allowed,
      ...(checkRegistry(bare) === undefined ? { fix: `write "${bare}"` } : {}),
    };
  }
  const [host = "", ...path] = registry.split("/");
  if (/^(index|registry-1|registry)[.](hub[.])?docker[.]io$/.test(host)) {
    return {
      problem: "Images of Docker Hub are told by docker.io, whatever they are called by",
      allowed,
      fix: `write "${["docker.io", ...path].join("/")}"`,
    };
  }
  const port = /:([0-9]+)$/.exec(host)?.[1];
  const isHost =
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]+)?$/.test(host) &&
    (port === undefined || Number(port) <= 65535) &&
    (/[.:]/.test(host) || host === "localhost");
  return isHost && path.every((part) => /^[a-z0-9]+([._-]+[a-z0-9]+)*$/.test(part))
    ? undefined
    : { problem: "Not the name of a registry: without a dot it would be a name on Docker Hub", allowed };
}
