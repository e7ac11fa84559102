// A decision as an event of OCSF's Network Activity. Does not prove that a SIEM takes it: no schema server was asked.
import assert from "node:assert/strict";
import { parseConfig } from "../../../../model";
import { decider, ocsfEvent, parseEntry } from "../../../../model/access-log";
import { now, soundConfig } from "../config/sound-config";
import { atHome, httpEntry, httpsEntry, refusedHttp, refusedHttps } from "./entries";

const rule = { from: "test-app/app-a", to: "github", owner: "team-a", reason: "fetches releases" };
const config = parseConfig({ ...soundConfig(), allow: [rule] }, { now });
const place = { gateway: "egress-gateway", namespace: "istio-egress", pod: "egress-gateway-a" };

function event(entry: object): Record<string, any> {
  return ocsfEvent(decider(config)(parseEntry(JSON.stringify(entry))!, place));
}

describe("an event of OCSF", () => {
  it("tells of an allowed call who, what, by which rule and how much", () => {
    assert.deepEqual(event(httpEntry({ received: 10 })), {
      ...{ category_uid: 4, category_name: "Network Activity", class_uid: 4001, class_name: "Network Activity" },
      ...{ activity_id: 6, activity_name: "Traffic", type_uid: 400_106, type_name: "Network Activity: Traffic" },
      ...{ severity_id: 1, severity: "Informational", action_id: 1, action: "Allowed" },
      ...{ disposition_id: 1, disposition: "Allowed", status_id: 1, status: "Success", status_code: "200" },
      time: Date.parse("2026-11-22T10:15:30.123Z"),
      message: "test-app/app-a → http://github.com: allowed",
      metadata: {
        version: "1.3.0",
        product: { name: "istio-egress", vendor_name: "istio-egress", feature: { name: "gateway" } },
        profiles: ["security_control"],
        original_time: "2026-11-22T10:15:30.123Z",
        correlation_uid: "0a1b2c3d-0000-4000-8000-000000000000",
      },
      src_endpoint: { name: "test-app/app-a", uid: "spiffe://cluster.local/ns/test-app/sa/app-a" },
      dst_endpoint: { hostname: "github.com", port: 80, ip: "203.0.113.11" },
      connection_info: { direction_id: 2, direction: "Outbound", protocol_num: 6, protocol_name: "tcp" },
      url: { scheme: "http", hostname: "github.com", port: 80, path: "/x" },
      traffic: { bytes_out: 10, bytes_in: 276, bytes: 286 },
      firewall_rule: {
        ...{ uid: "istio-egress:allow[0]", name: "test-app/app-a → github" },
        ...{ type: "allow", desc: "fetches releases" },
      },
      unmapped: { protocol: "http", ...place, method: "GET", rule_owner: "team-a", as_configured: true },
    });
  });

  const outcomes: [what: string, entry: object, seen: Record<string, unknown>][] = [
    [
      "refused by the gateway's policies",
      httpEntry({ ...refusedHttp, host: "httpbin.org" }),
      { activity_id: 5, type_uid: 400_105, action_id: 2, disposition_id: 2, severity_id: 2, status_id: 2 },
    ],
    [
      "refused by the sidecar",
      httpsEntry({ ...atHome, host: "example.com" }),
      {
        activity_id: 5,
        action_id: 2,
        disposition_id: 2,
        severity_id: 2,
        status_detail: "no destination has this host",
      },
    ],
    [
      "refused though a rule grants it",
      httpsEntry(refusedHttps),
      { activity_id: 5, action_id: 2, disposition_id: 2, severity_id: 3 },
    ],
    ["allowed, and failed", httpEntry({ status: 503, flags: "UF" }), { activity_id: 4, action_id: 1, status_id: 2 }],
    ["allowed though no rule grants it", httpsEntry({ host: "httpbin.org" }), { activity_id: 6, severity_id: 3 }],
    [
      "let pass as its caller is observed",
      httpsEntry({
        stage: "observer",
        verdict: "would be denied",
        host: "example.com",
        address: "203.0.113.9",
        port: 443,
      }),
      { activity_id: 6, action_id: 1, disposition_id: 17, disposition: "Logged" },
    ],
  ];
  for (const [what, entry, seen] of outcomes) {
    it(`tells of a call that was ${what}`, () => {
      const told = event(entry);
      assert.deepEqual(Object.fromEntries(Object.keys(seen).map((key) => [key, told[key]])), seen);
    });
  }

  it("has a URL's host without its port, and no URL where no host was called", () => {
    for (const [host, url] of [
      ["github.com:8080", { scheme: "http", hostname: "github.com", port: 8080, path: "/x" }],
      ["[2001:db8::1]:8080", { scheme: "http", hostname: "2001:db8::1", port: 8080, path: "/x" }],
      [null, undefined],
    ] as const) {
      assert.deepEqual(event(httpEntry({ ...refusedHttp, host })).url, url);
    }
  });

  it("leaves out what is not known, and has an address for a name where there is none", () => {
    const { protocol, stage, verdict, address, port, ...nothing } = { ...httpsEntry(), ...atHome };
    const told = event({ ...nothing, protocol: "tcp", stage, verdict, address, port, host: null, identity: null });
    assert.deepEqual(told.dst_endpoint, { ip: "203.0.113.11", port: 443 });
    assert.equal("firewall_rule" in told, false);
    assert.equal("uid" in told.src_endpoint, false);
  });
});
