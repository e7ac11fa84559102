import { setTimeout as delay } from "node:timers/promises";
import { network } from "../../../../lab/topology";
import { apply, kubectl } from "../../support/commands";
import { giveIpv6, ipv6Of } from "../../support/ipv6";
import { Other } from "../results";
import { Site } from "../run-probes";
import { giveIpv6To, podOf } from "../stack";
import { demo } from "./demo";
import { application, injected, Object } from "./objects";
import { recipe } from "./recipe";

/** Applications and gateways in somebody else's manner, on the mesh that is there. */
export interface OtherSite extends Site {
  remove: () => void;
}

/** The addresses that do not change from site to site are those of `shared`. */
export async function startOther(other: Other, shared: Site): Promise<OtherSite> {
  const [apps, external, elsewhere] = [`bypass-${other}`, `bypass-${other}-external`, `bypass-${other}-elsewhere`];
  const namespaces = [apps, external, elsewhere];
  const remove = () => void kubectl("delete", "namespace", ...namespaces, "--ignore-not-found", "--wait=false");
  const objects: Object[] = [
    ...namespaces.map(injected),
    ...(other === "demo" ? demo(apps, external) : recipe(external)),
    ...application(apps, "app-a"),
    ...application(apps, "app-b"),
    ...application(apps, "labelled", { labels: { app: "app-a" } }),
    ...application(elsewhere, "hammer"),
  ];
  try {
    // Routes and hosts before the pods that are to know them.
    for (const part of [objects.slice(0, namespaces.length), objects.slice(namespaces.length)]) {
      apply({ apiVersion: "v1", kind: "List", items: part });
    }
    for (const namespace of namespaces) {
      kubectl("wait", "pods", "--all", `--namespace=${namespace}`, "--for=condition=Ready", "--timeout=240s");
    }
    // Proxies hear of each other's addresses a moment later.
    await delay(5000);
    const gateway = podOf(external, `app=${other === "demo" ? "egress-httpbin" : "istio-egressgateway"}`);
    const places: Site["places"] = {
      "app-a": [apps, "app-a", "app-a"],
      "past app-a": [apps, "app-a", "istio-proxy"],
      "thief-a": [apps, "app-a", "istio-proxy"],
      "app-b": [apps, "app-b", "app-b"],
      "past app-b": [apps, "app-b", "istio-proxy"],
      "thief-b": [apps, "app-b", "istio-proxy"],
      labelled: [apps, "labelled", "labelled"],
      hammer: [elsewhere, "hammer", "hammer"],
      free: shared.places.free!,
    };
    giveIpv6To(places);
    giveIpv6(external, gateway.metadata.name);
    return {
      remove,
      places,
      addresses: {
        ...shared.addresses,
        "@gateway": gateway.status.podIP,
        "@gateway6": ipv6Of(gateway.status.podIP),
        "@app-b": podOf(apps, "app=app-b").status.podIP,
        "@resolver": network.clusterDns,
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
