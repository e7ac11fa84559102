import { elsewhere, guarded, made, pod } from "../../tests/lab/admission/attacks";
import { tenant } from "../../tests/lab/admission/tenant";
import { beforeAdmission } from "../../tests/lab/support/admission";
import type { Written } from "./api";
import { inTurn, noPair, Pair } from "./figures";
import { Worker } from "./worker";

/** How often admission is taken away and put back, and how many objects of each kind are made each time. */
const blocks = 3;
const rounds = 60;

interface Kind {
  name: string;
  /** Where objects of it are, below a namespace. */
  path: (namespace: string) => string;
  object: object;
  /** Changes it, as a merge patch. */
  patch?: object;
}

const server = { containers: [{ name: "main", image: "lab.istio-egress.local/workload:1" }] };

/** What somebody who deploys makes; of these, nothing starts, and no controller does anything for them. */
const kinds: Kind[] = [
  {
    name: "ConfigMap, which no policy is for",
    path: (namespace) => `/api/v1/namespaces/${namespace}/configmaps`,
    object: { apiVersion: "v1", kind: "ConfigMap", data: { round: "1" } },
    patch: { data: { round: "2" } },
  },
  {
    name: "Service",
    path: (namespace) => `/api/v1/namespaces/${namespace}/services`,
    object: { apiVersion: "v1", kind: "Service", spec: { ports: [{ port: 80 }] } },
    patch: { spec: { ports: [{ port: 81 }] } },
  },
  {
    name: "Deployment, paused",
    path: (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
    object: paused(),
    patch: { spec: { template: { metadata: { labels: { round: "2" } }, spec: server } } },
  },
  {
    name: "Pod, not kept, with injection",
    path: (namespace) => `/api/v1/namespaces/${namespace}/pods`,
    object: pod({ spec: { securityContext: { runAsUser: 1000 } } }),
  },
];

function paused(): object {
  const { spec, ...rest } = made("Deployment");
  return { ...rest, spec: { ...(spec as object), replicas: 0, paused: true } };
}

/** Of one kind, how long it took to make and to change, beside the same where admission or the whole guard is missing. */
export interface WriteTaken {
  name: string;
  /** In the guarded namespace, with admission and without it. */
  admission: Record<keyof Written, Pair>;
  /** In the guarded namespace, and in a plain one of the same user's, in turns. */
  guard: Record<keyof Written, Pair>;
}

const none = (): Record<keyof Written, Pair> => ({ create: noPair(), update: noPair() });

/** Makes, changes and removes objects; in blocks with admission and without it, so that a load meets both. */
export async function takeWrites(api: Worker): Promise<WriteTaken[]> {
  const taken = kinds.map(({ name }): WriteTaken => ({ name, admission: none(), guard: none() }));
  for (let block = 0; block < blocks; block++) {
    await inTurns(api, (index, way, written) => {
      add(taken[index]!.guard, way, written);
      if (way === "guarded") {
        add(taken[index]!.admission, "guarded", written);
      }
    });
    await beforeAdmission(() =>
      inTurns(api, (index, way, written) => {
        if (way === "guarded") {
          add(taken[index]!.admission, "plain", written);
        }
      }),
    );
  }
  return taken;
}

function add(to: Record<keyof Written, Pair>, way: keyof Pair, written: Written): void {
  to.create[way].push(written.create);
  to.update[way].push(written.update);
}

/** All kinds, in the guarded namespace and in the plain one, round by round; the first is not counted. */
async function inTurns(api: Worker, take: (index: number, way: keyof Pair, written: Written) => void): Promise<void> {
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { path, object, patch }] of kinds.entries()) {
      for (const way of inTurn(round)) {
        const namespace = way === "guarded" ? guarded : elsewhere;
        const written = await api.take<Written>({
          ...{ do: "write", user: tenant, path: path(namespace), patch: patch ?? {}, dryRun: patch === undefined },
          object: { ...object, metadata: { name: `bench-write-${round}` } },
        });
        if (round > 0) {
          take(index, way, written);
        }
      }
    }
  }
}

/** What was changed, and not only tried. */
export const changes = kinds.filter(({ patch }) => patch !== undefined).map(({ name }) => name);
