import { AllowRule } from "../config/types";
import { defined } from "../ground/objects";
import { defaultPort } from "../ground/protocols";
import { Decision } from "./decision";

/** The version of the schema whose names are used: https://schema.ocsf.io/1.3.0/classes/network_activity */
const version = "1.3.0";

/** A value and its name, as OCSF gives both. */
type Choice = [id: number, name: string];

/**
 * A decision as an event of the Open Cybersecurity Schema Framework: Network Activity (class 4001) with the profile
 * Security Control. What is not known is left out; what the class has no place for is in `unmapped`.
 */
export function ocsfEvent(decision: Decision): Record<string, unknown> {
  const { time, at, from, identity, protocol, host, allowed, wouldBeDenied, ok, rule, because } = decision;
  const { status, flags, received, sent, method, path, request, upstream, gateway, namespace, pod } = decision;
  const failed = allowed && (flags !== undefined || (status !== undefined && status >= 500));
  const [activity, activityName]: Choice = !allowed ? [5, "Refuse"] : failed ? [4, "Fail"] : [6, "Traffic"];
  const [action, actionName]: Choice = allowed ? [1, "Allowed"] : [2, "Denied"];
  const [disposition, dispositionName]: Choice = wouldBeDenied
    ? [17, "Logged"]
    : allowed
      ? [1, "Allowed"]
      : [2, "Blocked"];
  const [severity, severityName]: Choice =
    ok === false ? [3, "Medium"] : allowed && !wouldBeDenied ? [1, "Informational"] : [2, "Low"];
  const [outcome, outcomeName]: Choice = allowed && !failed ? [1, "Success"] : [2, "Failure"];
  const word = wouldBeDenied ? "would be denied" : allowed ? "allowed" : "denied";
  return defined({
    ...{ category_uid: 4, category_name: "Network Activity", class_uid: 4001, class_name: "Network Activity" },
    ...{ activity_id: activity, activity_name: activityName },
    ...{ type_uid: 400_100 + activity, type_name: `Network Activity: ${activityName}` },
    ...{ severity_id: severity, severity: severityName },
    ...{ action_id: action, action: actionName, disposition_id: disposition, disposition: dispositionName },
    ...{ status_id: outcome, status: outcomeName, status_code: status?.toString(), status_detail: because },
    time: Date.parse(time),
    message: `${from} → ${protocol}://${host}: ${word}`,
    metadata: defined({
      version,
      product: { name: "istio-egress", vendor_name: "istio-egress", feature: { name: at } },
      profiles: ["security_control"],
      original_time: time,
      correlation_uid: request,
    }),
    src_endpoint: defined({ name: from, uid: identity }),
    dst_endpoint: defined({ ...nameAndPort(protocol, host), ...dialled(upstream) }),
    connection_info: {
      ...{ direction_id: 2, direction: "Outbound" },
      // A look-up goes over either, and the log does not tell.
      ...(protocol === "dns" ? {} : { protocol_num: 6, protocol_name: "tcp" }),
    },
    url:
      protocol === "http" && path !== undefined && host !== "" ? { scheme: "http", ...urlOf(host), path } : undefined,
    // OCSF counts from the caller's side: what the gateway received the caller has sent.
    traffic:
      received === undefined && sent === undefined
        ? undefined
        : defined({ bytes_out: received, bytes_in: sent, bytes: (received ?? 0) + (sent ?? 0) }),
    firewall_rule: rule === undefined ? undefined : ruleOf(rule),
    unmapped: defined({
      ...{ protocol, gateway, namespace, pod, method, flags },
      ...{ rule_owner: rule?.owner, as_configured: ok ?? undefined },
    }),
  });
}

function ruleOf({ path, from, to, reason }: AllowRule): Record<string, unknown> {
  return defined({ uid: path, name: `${from} → ${to}`, type: "allow", desc: reason });
}

/** The name that was called, or the address, and the port, which goes without saying at its protocol's own. */
function nameAndPort(protocol: Decision["protocol"], host: string): Record<string, unknown> {
  const [, name = host, written] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  const port = written === undefined ? usualPort(protocol) : Number(written);
  const isAddress = /^\d+(\.\d+){3}$/.test(name) || name.startsWith("[");
  const called = name === "" ? {} : isAddress ? { ip: name.replace(/[[\]]/g, "") } : { hostname: name };
  return { ...called, port };
}

/** A URL's host, which has no port in it. */
function urlOf(host: string): Record<string, unknown> {
  const { hostname, ip, port } = nameAndPort("http", host);
  return { hostname: hostname ?? ip, port };
}

function usualPort(protocol: Decision["protocol"]): number | undefined {
  return protocol === "tcp" ? undefined : protocol === "dns" ? 53 : defaultPort(protocol);
}

/** The address that was connected to. */
function dialled(upstream: string | undefined): Record<string, unknown> {
  const address = upstream?.replace(/:\d+$/, "").replace(/[[\]]/g, "");
  return address === undefined ? {} : { ip: address };
}
