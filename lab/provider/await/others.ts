import { Cluster } from "../cluster";
import { JsonObject, list, text, valueAt } from "../../json";
import { Verdict, condition, isTrue, ready, reasonOf, waiting } from "./verdict";

export function namespace(live: JsonObject): Verdict {
  const phase = text(live, "status", "phase") ?? "unknown";
  return phase === "Active" ? ready : waiting(`its phase is ${phase}`);
}

/** Only a load balancer's address comes from outside; any other Service works as soon as it exists. */
export function service(live: JsonObject): Verdict {
  const balanced = text(live, "spec", "type") === "LoadBalancer";
  return balanced && list(live, "status", "loadBalancer", "ingress").length === 0
    ? waiting("its load balancer has no address yet")
    : ready;
}

/** A definition is up when its names are accepted and discovery shows the kind, so that custom resources can be made. */
export async function customResourceDefinition(live: JsonObject, { discovery }: Cluster): Promise<Verdict> {
  const names = condition(live, "NamesAccepted");
  if (text(names, "status") === "False") {
    return waiting(`its names are not accepted: ${reasonOf(names)}`);
  }
  if (!isTrue(live, "Established")) {
    return waiting("it is not established yet");
  }
  const group = text(live, "spec", "group") ?? "";
  const kind = text(live, "spec", "names", "kind") ?? "";
  for (const version of list(live, "spec", "versions")) {
    const apiVersion = `${group}/${text(version, "name")}`;
    if (valueAt(version, ["served"]) === true && (await discovery.find(apiVersion, kind)) === undefined) {
      return waiting(`the API server does not serve ${kind} in ${apiVersion} yet`);
    }
  }
  return ready;
}
