import { apiOf } from "../../config/direct";
import { grantsOf, isDirect } from "../../grants";
import { asRange, contains, parseCidr } from "../../ground/cidr";
import { sortedUnique } from "../../ground/order";
import { slicesOf } from "../slices";
import { LiveObject, Snapshot } from "../snapshot";
import { Subject } from "../subject";
import { Check, Found } from "../types";

interface Service extends LiveObject {
  spec: { clusterIP?: string };
}

const namespace = "default";
const name = "kubernetes";

/** Whether the cluster's API is where the stack opens the way to it, for those that are granted it. */
export const apiServer: Check = {
  name: "api-server",
  promise: "the cluster's API answers at the addresses that the stack opens for those that are granted it",
  needs: (subject) =>
    isGranted(subject)
      ? ["services", "endpointslices.discovery.k8s.io"].map((resource) => ({ resource, namespace }))
      : [],
  run: (subject, snapshot) => (isGranted(subject) ? misplaced(subject, snapshot) : []),
};

function isGranted({ config }: Subject): boolean {
  const { targets, to } = grantsOf(config);
  return [...targets.values()].some(
    (target) => isDirect(target) && target.direct === "kubernetes-api" && to(target.name).length > 0,
  );
}

function misplaced({ config }: Subject, snapshot: Snapshot): Found[] {
  const told = apiOf(config.cluster)!;
  const service = snapshot.of<Service>("Service", namespace).find(({ metadata }) => metadata.name === name);
  const slices = slicesOf(snapshot, namespace, name);
  const addresses = sortedUnique(
    slices.flatMap(({ endpoints }) => endpoints.flatMap((endpoint) => endpoint.addresses)),
  );
  const ports = sortedUnique(slices.flatMap((slice) => slice.ports.map(({ port }) => `${port}`)));
  const ranges = told.endpoints.map((each) => parseCidr(asRange(each))!);
  const outside = addresses.filter((address) => {
    const range = parseCidr(asRange(address));
    return range === undefined || !ranges.some((each) => contains(each, range));
  });
  const clusterIP = service?.spec.clusterIP ?? told.service;
  const isRight =
    clusterIP === told.service && outside.length === 0 && (ports.length === 0 || ports.join() === `${told.port}`);
  if (isRight) {
    return [];
  }
  const evidence = `Service ${namespace}/${name} has ${clusterIP}, and leads to ${addresses.join(", ")} on port ${ports.join(", ")}`;
  const common: Pick<Found, "severity" | "object" | "evidence" | "commands"> = {
    severity: "breaks-workload",
    object: `Service ${namespace}/${name}`,
    evidence: [evidence],
    commands: [],
  };
  const problem = `The stack opens ${told.service} and ${told.endpoints.join(", ")} on port ${told.port}, and the cluster's API is elsewhere: who is granted it does not reach it.`;
  return [
    config.cluster.kind === "existing"
      ? {
          ...common,
          problem,
          fix: "Say where it is, and apply the stack.",
          config: `istio-egress:cluster.api: {service: ${clusterIP}, endpoints: [${addresses.join(", ")}], port: ${ports[0] ?? told.port}}`,
        }
      : {
          ...common,
          problem,
          fix: "The cluster's network is not as the stack says: look at its ranges for Services and for the control plane.",
        },
  ];
}
