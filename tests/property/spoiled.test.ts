// Whatever stands in the place of any value of a configuration: either it is refused, in words and with its place, or it
// is planned, and no guard is gone. A key with nothing behind it is refused, or is as if it were not there.
// Does not prove that what is wrong is said at the best place, nor anything of values that are wrong in two places.
import assert from "node:assert/strict";
import { ConfigError, Manifest, parseConfig, Plan, planStack } from "../../model";
import { manifestsOf } from "./allowlists";
import { wholeConfig, wholeConfigDay } from "./whole-config";

type Place = readonly (string | number)[];

const gone = Symbol("gone");

/** What stands where something else belongs. */
const spoils: unknown[] = [null, "", [], {}, 42, "x", [null], { a: null }];

/** Where a value is handed on as it is: what Helm's values and a pod template say with a null is theirs to say. */
const isHandedOn = (place: Place) =>
  (place[0] === "mesh" && place[1] === "values") || (place[0] === "workloads" && place[2] === "pod");

describe("a value in the place of any other", () => {
  const all = wholeConfig();

  it("is put into nearly every key", () => {
    assert.ok(placesIn(all).length > 250);
    const guards = guardsOf(planOf(all)!);
    for (const guard of ["policy shop", "policy payments", "mtls payments", "sidecar shop cart", "pods shop cart"]) {
      assert.ok(guards.includes(guard), `${guard} of ${guards.join(", ")}`);
    }
  });

  for (const key of Object.keys(all)) {
    it(`is refused in words, or planned with every guard: ${key}`, () => {
      const whole = key === "workloads" ? onlyWorkloads(all) : all;
      const guards = guardsOf(planOf(whole)!);
      for (const place of placesIn(whole).filter(([first]) => first === key)) {
        for (const spoil of spoils) {
          const spoiled = spoiledAt(whole, place, spoil) as Record<string, unknown>;
          const what = `${place.join(".")}: ${JSON.stringify(spoil)}`;
          const plan = planOf(spoiled, what);
          if (plan === undefined) {
            continue;
          }
          const now = guardsOf(plan);
          const lost = guards.filter((guard) => isWanted(guard, spoiled) && !now.includes(guard));
          assert.deepEqual(lost, [], what);
          if ((spoil === null || (spoil === "" && place.length === 1)) && !isHandedOn(place)) {
            const unsaid = spoiledAt(whole, place, saysByBeingThere(place) ? {} : gone);
            assert.deepEqual(plan, planOf(unsaid), what);
          }
        }
      }
    });
  }
});

/** As workloads need none of the rest, and have most values: what is planned of them in short time. */
function onlyWorkloads({ namespaces, workloads }: Record<string, unknown>): Record<string, unknown> {
  return { namespaces, workloads };
}

/** Whether a guard is still for somebody: of a namespace or workload that is gone there is none. */
function isWanted(guard: string, { namespaces, workloads }: Record<string, unknown>): boolean {
  const [kind, namespace, workload] = guard.split(" ");
  const home = ((namespaces ?? {}) as Record<string, { existing?: unknown } | null | undefined>)[namespace!];
  return (
    (home !== undefined || namespace === "gateways" || namespace === "istio-system") &&
    // In a mesh of the stack's own the namespaces that it makes have the mesh's.
    (kind !== "mtls" || namespace === "istio-system" || home?.existing === true) &&
    (workload === undefined || Object.hasOwn(workloads ?? {}, workload))
  );
}

/** Entries that say something by being there. */
const saysByBeingThere = (place: Place) => place.length === 2 && place[0] === "namespaces";

/** What a configuration is planned as; undefined for one that is refused, in words that say where and what. */
function planOf(config: unknown, what = ""): Plan | undefined {
  try {
    return planStack(parseConfig(config as Record<string, unknown>, { now: wholeConfigDay }));
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw new Error(`${what}: ${String(error)}`, { cause: error });
    }
    for (const { path, problem, allowed = "", fix = "" } of error.problems) {
      assert.match(path, /^istio-egress:\w/, what);
      assert.match(problem, /^.{5}/, what);
      assert.doesNotMatch([path, problem, allowed, fix].join(" "), /undefined|\[object|NaN|nonoptional/, what);
    }
    return undefined;
  }
}

/** What keeps the pods of a plan to what is granted: its kind, its namespace and, where it is for one, its workload. */
function guardsOf(plan: Plan): string[] {
  const gateways = plan.egress.find(({ kind }) => kind === "Namespace")!.metadata.name;
  return [...new Set(manifestsOf(plan).flatMap(guardOf))].map((guard) => guard.replace(` ${gateways}`, " gateways"));
}

function guardOf({ kind, metadata, spec }: Manifest & { spec?: any }): string[] {
  const { name, namespace } = metadata;
  switch (kind) {
    case "NetworkPolicy":
      return spec.policyTypes.includes("Egress") && Object.keys(spec.podSelector).length === 0
        ? [`policy ${namespace}`]
        : [];
    case "PeerAuthentication":
      return spec.mtls?.mode === "STRICT" ? [`mtls ${namespace}`] : [];
    case "AuthorizationPolicy":
      return Object.keys(spec).length === 0 ? [`refusal ${namespace}`] : [];
    case "Sidecar":
      return spec.outboundTrafficPolicy.mode !== "REGISTRY_ONLY"
        ? []
        : [`sidecar ${namespace}${spec.workloadSelector === undefined ? "" : ` ${name}`}`];
    case "Deployment":
      return isHeld(spec.template.spec, name) ? [`pods ${namespace} ${name}`] : [];
    default:
      return [];
  }
}

/** Whether pods run under their workload's identity, without powers over the network, and away from the gateways' nodes. */
function isHeld(pod: any, workload: string): boolean {
  const containers: any[] = [...pod.containers, ...(pod.initContainers ?? [])];
  return (
    pod.serviceAccountName === workload &&
    !pod.hostNetwork &&
    !pod.shareProcessNamespace &&
    (pod.tolerations ?? []).every(({ key }: any) => typeof key === "string" && key !== "") &&
    containers.length > 0 &&
    containers.every(
      ({ name, securityContext }) =>
        typeof name === "string" && !securityContext.privileged && securityContext.capabilities.drop.includes("ALL"),
    )
  );
}

function placesIn(value: unknown, at: Place = []): Place[] {
  const inside =
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, part]) =>
          placesIn(part, [...at, Array.isArray(value) ? Number(key) : key]),
        )
      : [];
  return at.length === 0 ? inside : [at, ...inside];
}

function spoiledAt(value: unknown, [step, ...rest]: Place, spoil: unknown): unknown {
  if (step === undefined) {
    return spoil;
  }
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => {
      const made = index === step ? spoiledAt(item, rest, spoil) : item;
      return made === gone ? [] : [made];
    });
  }
  return Object.fromEntries(
    Object.entries(value as object).flatMap(([key, part]) => {
      const made: unknown = key === step ? spoiledAt(part, rest, spoil) : part;
      return made === gone ? [] : [[key, made]];
    }),
  );
}
