import { Check } from "../types";
import { admission } from "./admission";
import { apiServer } from "./api-server";
import { clientCertificates } from "./client-certificates";
import { collector } from "./collector";
import { controlPlane } from "./control-plane";
import { dns } from "./dns";
import { drift, leftovers } from "./drift";
import { families } from "./families";
import { gateways } from "./gateways";
import { ingress } from "./ingress";
import { injection, podSecurity } from "./injection";
import { istioObjects } from "./istio-objects";
import { kinds } from "./kinds";
import { namespaces } from "./namespaces";
import { networkPolicies } from "./network-policies";
import { resolver } from "./resolver";
import { sidecarClaims } from "./sidecar-claims";
import { sidecars } from "./sidecars";
import { workloads } from "./workloads";

/** Every check, in the order in which findings of one severity are told: what explains others comes first. */
export const checks: Check[] = [
  kinds,
  controlPlane,
  apiServer,
  namespaces,
  injection,
  podSecurity,
  drift,
  leftovers,
  networkPolicies,
  families,
  ingress,
  istioObjects,
  sidecarClaims,
  sidecars,
  workloads,
  dns,
  resolver,
  gateways,
  clientCertificates,
  collector,
  admission,
];
