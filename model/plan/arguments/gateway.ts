import {
  checkIdentityName,
  checkLabel,
  checkOwnNamespace,
  checkServiceAccount,
  checkServiceName,
} from "../../config/kubernetes-names";
import { checkCollector } from "../../config/logs";
import { collectorService } from "../../ground/collector";
import { forwardingOf } from "../../ground/forwarding";
import { protocols } from "../../ground/protocols";
import { checkDrain } from "../../ground/timeouts";
import type { GatewayArgs } from "../args";
import { Check, Sense } from "../check";
import * as check from "../check";
import { called, checkMoment, client, clientWith, noCounters } from "./shared";
import { needChecks, needsSense } from "../needs";
import { timeProblem } from "../needs/times";

/** What the planner of a gateway asks of its arguments. */

const { label, listOf, mesh, oneOf, onlyOf, optional, port, setOf, text, wholeNumber } = check;

/** A client whose access ends; of a namespace as a whole some may go on. */
const endingClient = clientWith({ but: optional(listOf(text(checkServiceAccount))) });

export const gatewayChecks: Record<string, Check> = {
  name: text(checkIdentityName, checkServiceName),
  namespace: text(checkOwnNamespace),
  mesh,
  replicas: wholeNumber(2, 1000),
  // Fewer than `replicas` are what a small pool of nodes has room for.
  maxReplicas: optional(wholeNumber(1, 1000)),
  drain: optional((value) => timeProblem(value, checkDrain)),
  observed: optional(listOf(client, { atLeast: 1 })),
  ends: optional(
    listOf(
      onlyOf({
        destination: label,
        hosts: listOf(called, { atLeast: 1 }),
        except: optional(listOf(check.host)),
        clients: listOf(endingClient, { atLeast: 1 }),
        until: text(checkMoment),
      }),
    ),
  ),
  counts: optional(
    listOf(
      onlyOf({
        destination: label,
        hosts: listOf(called, { atLeast: 1 }),
        protocols: listOf(oneOf(...protocols)),
        ports: optional(listOf(port)),
        reported: optional(listOf(endingClient)),
      }),
    ),
  ),
  placement: optional(
    onlyOf({
      nodeSelector: check.labels(),
      tolerations: listOf(
        setOf({
          key: text((key) => checkLabel(key, "")),
          operator: oneOf("Equal"),
          value: check.labelValue,
          effect: oneOf("NoSchedule"),
        }),
      ),
      zones: wholeNumber(1, 100),
    }),
  ),
  collector: optional(onlyOf({ service: text(checkCollector), port: optional(port), podPort: optional(port) })),
  ...needChecks,
};

/** A gateway that asks for no time would let ended access pass; and one that counts nothing looks as if there were no calls. */
export const gatewaySense: Sense<GatewayArgs> = (args) => {
  const { namespace, mesh: of, ends = [], counts, collector } = args;
  const { ends: asksForTime, hasLog } = forwardingOf(of);
  return [
    ...(ends.length === 0 || asksForTime
      ? []
      : [{ argument: "ends", problem: "This mesh takes no EnvoyFilter, by which gateways ask for the time" }]),
    ...(counts === undefined || hasLog ? [] : [{ argument: "counts", problem: noCounters }]),
    ...(collector === undefined || hasLog
      ? []
      : [{ argument: "collector", problem: "This mesh takes no EnvoyFilter, by which gateways send their log" }]),
    ...(collector !== undefined && collectorService(collector.service)?.namespace === namespace
      ? [{ argument: "collector.service", problem: "The gateways have this namespace to themselves" }]
      : []),
    ...needsSense(args),
  ];
};
