// Hosts that are reached through an outside proxy: the gateway asks it by CONNECT, for those who are granted the host, and for
// nobody else. Each refusal stands beside a call that is allowed on the same way.
// Does not prove: what a proxy that asks for a password, or that opens TLS itself, makes of it.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { state } from "../../lab/paths";
import { grantToAppA, scratchCheckout } from "./support/checkout";
import { egress } from "./support/commands";
import { Decision, loggedDecisions } from "./support/decisions";
import { workloadCells } from "./support/matrix";
import { apply, putBack } from "./support/pulumi";
import { appA, appB, Caller, curl, execIn, hammer, seenOutside } from "./support/requests";
import { lookUps, startThief, Thief } from "./support/thief";
import { until } from "./support/until";

const web = "partner.example";
const database = "db.partner.example";
const proxies = { outside: "203.0.113.60", inside: "10.20.0.7" };
const destinations = {
  "by-proxy": { hosts: [web], via: { proxy: "proxy.partner.example:3128" } },
  database: { hosts: [database], ports: ["5432/tcp"], via: { proxy: "proxy.partner.example:3128" } },
  "by-own-proxy": {
    hosts: ["api.partner.example"],
    via: { proxy: "proxy.corp.example:3128", private: ["10.20.0.0/16"] },
  },
  // The twin, which nothing is in between of, with a cluster of its own beside those of proxies.
  direct: { hosts: ["db.other.example"], ports: ["5432/tcp"], timeouts: { connect: "10s" } },
};

interface Asked {
  host: string;
  address: string;
  headers: string[];
}

/** What proxies were asked for, by their address. */
function asked(proxy: string): Asked[] {
  return fs
    .readFileSync(path.join(state.logs, "outside.log"), "utf8")
    .split("\n")
    .filter((line) => line.includes('"scheme":"proxy"'))
    .map((line) => JSON.parse(line) as Asked)
    .filter(({ address }) => address === proxy);
}

const client = `
import socket, sys
with socket.create_connection((sys.argv[1], 5432), 15) as wire:
    wire.settimeout(15)
    wire.sendall(b"hello\\r\\n")
    print(wire.recv(4096).decode().strip())
`;

function talk(caller: Caller, host: string): string {
  return execIn(caller, "python3", "-c", client, host).stdout.trim();
}

const unique = () => `/${randomBytes(6).toString("hex")}`;

describe("hosts behind a proxy", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  const thieves: Thief[] = [];
  let appAs: Thief;
  let appBs: Thief;
  let began: number;

  before(async () => {
    began = Date.now();
    grantToAppA(checkout.folder, destinations, "a test of proxies", (set) => {
      set(["cluster", "ranges"], ["10.244.0.0/16", "10.96.0.0/12", "192.168.77.0/24"]);
    });
    apply("up", checkout.folder);
    appAs = startThief("thief-a", "app-a");
    appBs = startThief("thief-b", "app-b");
    thieves.push(appAs, appBs);
    await until("a host behind the proxy answers", 90, () => curl(appA, `https://${web}/`).status === 200);
  });

  after(() => putBack({ checkout, pristine }, thieves));

  it("are reached over https in the application's own TLS, from the proxy's address, and not looked up by the gateway", () => {
    const [before, looked, mark] = [asked(proxies.outside).length, lookUps(web), unique()];
    assert.equal(curl(appA, `https://${web}${mark}`).status, 200);
    assert.equal(asked(proxies.outside).length, before + 1);
    assert.equal(asked(proxies.outside).at(-1)?.host, `${web}:443`);
    assert.ok(seenOutside(mark)[0]!.from.startsWith("203.0.113."), seenOutside(mark)[0]!.from);
    assert.equal(lookUps(web), looked);
  });

  it("are reached on other ports, beside hosts that no proxy is in between of", () => {
    const before = asked(proxies.outside).length;
    assert.equal(talk(appA, database), `250 ${database}:5432 hello`);
    assert.equal(asked(proxies.outside).at(-1)?.host, `${database}:5432`);
    assert.equal(talk(appA, "db.other.example"), "250 db.other.example:5432 hello");
    assert.equal(asked(proxies.outside).length, before + 1);
  });

  it("are reached through a proxy in a private network", () => {
    const before = asked(proxies.inside).length;
    assert.equal(curl(appA, "https://api.partner.example/").status, 200);
    assert.equal(asked(proxies.inside).length, before + 1);
  });

  it("tell the proxy nothing of the mesh", () => {
    talk(appA, database);
    const headers = asked(proxies.outside).flatMap((each) => each.headers);
    assert.deepEqual(
      headers.filter((name) => /envoy|forwarded|b3|traceparent/.test(name)),
      [],
    );
  });

  for (const [name, caller] of Object.entries({ "of the same namespace": appB, "of another one": hammer })) {
    it(`are closed to a workload ${name}, and the proxy is not asked`, () => {
      const before = asked(proxies.outside).length;
      assert.equal(curl(caller, `https://${web}/`).status, 0);
      assert.equal(talk(caller, database), "");
      assert.equal(curl(caller, "http://proxy.partner.example:3128/").status, 0);
      assert.equal(asked(proxies.outside).length, before);
      assert.equal(curl(appA, `https://${web}/`).status, 200);
      assert.equal(asked(proxies.outside).length, before + 1);
    });
  }

  it("are refused by the gateway itself to a real certificate that is not granted them, and the proxy is not asked", () => {
    const before = asked(proxies.outside).length;
    assert.equal(appBs.connect(`${database}:5432`).status, 403);
    assert.equal(appAs.connect(`${database}:5432`, "none").status, 0);
    assert.equal(appBs.tls({ outer: web, inner: web }), "refused");
    assert.equal(appAs.tls({ outer: web, inner: "github.com" }), "refused");
    assert.equal(appAs.connect(`${web}:8080`).status, 403);
    assert.equal(asked(proxies.outside).length, before);
    assert.equal(appAs.connect(`${database}:5432`).status, 200);
    assert.equal(appAs.tls({ outer: web, inner: web }), "served");
    assert.equal(asked(proxies.outside).length, before + 2);
  });

  // Last, as it reads what the calls above have left.
  it("are in the log, with identity, rule, host and the proxy's address", async () => {
    let entries: Decision[] = [];
    // Other tests call the same host, and without a proxy.
    await until("both are logged", 90, () => {
      entries = loggedDecisions([], checkout.folder).filter(
        ({ host, at, time }) => host === `${database}:5432` && at === "gateway" && Date.parse(time) >= began,
      );
      return [true, false].every((allowed) => entries.some((entry) => entry.allowed === allowed));
    });
    const granted = entries.find(({ allowed }) => allowed);
    assert.deepEqual([granted?.upstream, granted?.owner, granted?.ok], [`${proxies.outside}:3128`, "team-a", true]);
    assert.equal(entries.find(({ allowed }) => !allowed)?.ok, true);
  });

  it("are asked for by the live matrix, and it agrees in every cell", () => {
    const { stdout, exitCode } = egress(["matrix", "lab", "--live", "--json"], { cwd: checkout.folder });
    const cells = workloadCells<{ url: string; ok: boolean }>(stdout);
    assert.deepEqual(
      cells.filter(({ ok }) => !ok),
      [],
    );
    assert.equal(exitCode, 0);
  });
});
