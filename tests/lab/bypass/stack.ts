import * as fs from "node:fs";
import * as path from "node:path";
import { worldAuthorityFolder } from "../../../lab/boot/parts/world";
import { grantToAppA, scratchCheckout } from "../support/checkout";
import { kubectl, kubectlJson } from "../support/commands";
import { giveIpv6, ipv6Of } from "../support/ipv6";
import { startPretender } from "../support/pretender";
import { apply, putBack } from "../support/pulumi";
import { startCertifiedPod } from "../support/thief";
import { Site } from "./run-probes";
import { turning, turnNames } from "./turning";

interface Pod {
  metadata: { name: string; deletionTimestamp?: string; ownerReferences?: { name: string }[] };
  status: { podIP: string };
}

const resolver = "10.96.0.53";

/** How long the gateways go on with connections of policies that have changed. Seconds. */
export const drain = 10;

/** The stack `lab` with every layer on, and the pods that try to get around it. */
export interface GuardedStack extends Site {
  /** Folder of the checkout that holds the stack's file. */
  folder: string;
  putBack: () => void;
}

/** A pod of a Deployment that is there to stay. */
export function podOf(namespace: string, selector: string, deployment?: string): Pod {
  const { items } = kubectlJson<{ items: Pod[] }>("get", "pods", `--namespace=${namespace}`, `--selector=${selector}`);
  const staying = items.find(
    ({ metadata }) =>
      metadata.deletionTimestamp === undefined &&
      (deployment === undefined || metadata.ownerReferences?.some(({ name }) => name.startsWith(`${deployment}-`))),
  );
  if (staying === undefined) {
    throw new Error(`No pod of ${namespace} has ${selector}.`);
  }
  return staying;
}

/** Brings the stack up with names by grants, a wildcard, a port over CONNECT, TLS that the gateway opens, and admission. */
export function startGuardedStack(): GuardedStack {
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  const started: { remove: () => void }[] = [];
  const removed = () => putBack({ checkout, pristine }, started);
  try {
    started.push(turnNames());
    const ca = fs.readFileSync(path.join(worldAuthorityFolder, "ca.crt"), "utf8");
    const destinations = {
      bulk: { hosts: ["*.bulk.example"] },
      databases: { hosts: ["db.partner.example"], protocols: ["https"], ports: ["5432/tcp"] },
      // It stays when another test takes the one above away: without any, pods are made anew.
      ledgers: { hosts: ["db.other.example"], protocols: ["https"], ports: ["5432/tcp"] },
      billing: { hosts: ["billing.partner.example"], originate: { methods: ["GET"], paths: ["/v1/*"], ca } },
      rebound: { hosts: ["rebound.example"] },
      turning: { hosts: Object.values(turning) },
    };
    grantToAppA(checkout.folder, destinations, "a test of ways around the guard", (set) => {
      set(["gateway", "drain"], `${drain}s`);
      set(["dns"], { mode: "allowed-only", address: resolver, image: "lab.istio-egress.local/coredns:1" });
      set(["deny", 1], "secret.bulk.example");
    });
    apply("up", checkout.folder);
    for (const account of ["app-a", "app-b"]) {
      started.push(startCertifiedPod(`thief-${account.at(-1)}`, account));
    }
    started.push(startPretender("labelled"));
    started.push(startFree());
    const places: Site["places"] = {
      ...placesOf("a"),
      ...placesOf("b"),
      hammer: ["istio-workload", podOf("istio-workload", "app=hammer", "hammer").metadata.name, "hammer"],
      labelled: ["test-app", "labelled", "labelled"],
      free: ["default", "bypass-free", "bypass-free"],
    };
    const gateway = podOf("istio-egress", "istio=egress-gateway");
    giveIpv6To(places);
    giveIpv6("istio-egress", gateway.metadata.name);
    return {
      folder: checkout.folder,
      putBack: removed,
      places,
      addresses: {
        "@gateway": gateway.status.podIP,
        "@gateway6": ipv6Of(gateway.status.podIP),
        "@istiod": podOf("istio-system", "app=istiod").status.podIP,
        "@kube-dns": podOf("kube-system", "k8s-app=kube-dns").status.podIP,
        "@resolver": resolver,
        "@app-b": podOf("test-app", "app=app-b", "app-b").status.podIP,
        "@free": podOf("default", "of=bypass-free").status.podIP,
      },
    };
  } catch (error) {
    removed();
    throw error;
  }
}

/** Gives the pods of all places their IPv6 addresses. */
export function giveIpv6To(places: Site["places"]): void {
  const pods = new Map(
    Object.values(places).map(([namespace, pod]) => [`${namespace}/${pod}`, [namespace, pod] as const]),
  );
  pods.forEach(([namespace, pod]) => giveIpv6(namespace, pod));
}

function placesOf(letter: "a" | "b"): Site["places"] {
  const app = podOf("test-app", `app=app-${letter}`, `app-${letter}`).metadata.name;
  return {
    [`app-${letter}`]: ["test-app", app, `app-${letter}`],
    [`past app-${letter}`]: ["test-app", app, "istio-proxy"],
    [`thief-${letter}`]: ["test-app", `thief-${letter}`, "istio-proxy"],
  };
}

/** A pod that nobody guards, which serves a page on port 8080. */
function startFree(): { remove: () => void } {
  const name = "bypass-free";
  const inDefault = "--namespace=default";
  kubectl(
    ...["run", name, inDefault, `--labels=of=${name}`, "--env=PORT=8080", "--image-pull-policy=IfNotPresent"],
    "--image=lab.istio-egress.local/workload:1",
  );
  kubectl("wait", inDefault, "--for=condition=Ready", `pod/${name}`, "--timeout=240s");
  return { remove: () => void kubectl("delete", "pod", name, inDefault, "--grace-period=0", "--force", "--wait=true") };
}
