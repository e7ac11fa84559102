// Names that lead into a private network: reached through the gateway by those who are granted them, in their ranges and
// nowhere else, whatever their answers say; and never by a name of another destination. Each refusal stands beside a call
// that is allowed on the same way.
// Does not prove: that a name which has turned is refused before the gateway asks for it again, which it does every 5 s.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { worldAuthorityFolder } from "../../lab/boot/parts/world";
import { turningNames } from "../../lab/outside/corefile";
import { state } from "../../lab/paths";
import { network } from "../../lab/topology";
import { grantToAppA, scratchCheckout } from "./support/checkout";
import { egress, kubectl } from "./support/commands";
import { Decision, loggedDecisions } from "./support/decisions";
import { workloadCells } from "./support/matrix";
import { startPretender } from "./support/pretender";
import { apply, putBack } from "./support/pulumi";
import { appA, appB, curl, hammer, seenOutside } from "./support/requests";
import { lookedUp, lookUps, startThief, Thief } from "./support/thief";
import { until } from "./support/until";

const unique = (): string => randomBytes(6).toString("hex");
const wiki = "wiki.corp.example";
const ledger = "ledger.corp.example";
const addresses = { wiki: "10.20.0.5", dead: "10.20.0.99", elsewhere: "10.30.0.5", public: "203.0.113.14" };

/** Where names that are granted in 10.20.0.0/16 lead, and whether that is let pass. */
const turned: Record<string, { leadsTo: string[]; passes: boolean }> = {
  home: { leadsTo: [addresses.wiki], passes: true },
  elsewhere: { leadsTo: [addresses.elsewhere], passes: false },
  metadata: { leadsTo: ["169.254.169.254"], passes: false },
  loopback: { leadsTo: ["127.0.0.1"], passes: false },
  cluster: { leadsTo: [network.apiServerService], passes: false },
  public: { leadsTo: [addresses.public], passes: false },
  mixed: { leadsTo: [addresses.elsewhere, addresses.wiki], passes: false },
};
const granted = (name: string) => `${name}.turning.example`;
/** Of a destination without private ranges, behind the same gateway. */
const strangers = { fine: [addresses.public], lured: [addresses.wiki], mixed: ["203.0.113.200", addresses.wiki] };
const stranger = (name: string) => `stranger-${name}.turning.example`;

/** One that nobody has asked for, in an earlier run neither. */
const unasked = granted(`unasked-${unique()}`);

/** Has names lead elsewhere, as their owner may at any time. */
function lead(names: Record<string, string[]>): void {
  const lines = Object.entries(names).flatMap(([name, all]) => all.map((address) => `${address} ${name}`));
  fs.writeFileSync(turningNames, `${lines.join("\n")}\n`);
}

/** Greetings that servers of the external world have sent from an address. */
function greetings(address: string): number {
  const log = fs.readFileSync(path.join(state.logs, "outside.log"), "utf8");
  return log.split("\n").filter((line) => line.includes('"tcp"') && line.includes(`"address":"${address}"`)).length;
}

describe("private names", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  const thieves: Thief[] = [];
  let appAs: Thief;
  let appBs: Thief;
  const now: Record<string, string[]> = {
    ...Object.fromEntries(Object.entries(turned).map(([name, { leadsTo }]) => [granted(name), leadsTo])),
    ...Object.fromEntries(Object.entries(strangers).map(([name, all]) => [stranger(name), all])),
    [granted("dead")]: [addresses.dead, addresses.elsewhere],
    [granted("restless")]: [addresses.wiki],
    [unasked]: [addresses.wiki],
  };
  const read = (): Decision[] => loggedDecisions([], checkout.folder);

  before(async () => {
    lead(now);
    const ca = fs.readFileSync(path.join(worldAuthorityFolder, "ca.crt"), "utf8");
    const names = Object.keys(now);
    const isStranger = (name: string) => name.startsWith("stranger-");
    const destinations = {
      wiki: {
        hosts: [wiki, ...names.filter((name) => !isStranger(name))],
        protocols: ["http", "https"],
        ports: ["5432/tcp"],
        private: ["10.20.0.0/16"],
      },
      ledger: { hosts: [ledger], originate: { methods: ["GET"], ca }, private: ["10.20.0.6/32"] },
      strangers: { hosts: names.filter(isStranger), protocols: ["http", "https"], ports: ["5432/tcp"] },
    };
    grantToAppA(checkout.folder, destinations, "a test of private names", (set) =>
      set(["cluster", "ranges"], [network.podCidr, network.serviceCidr, "192.168.77.0/24"]),
    );
    apply("up", checkout.folder);
    appAs = startThief("thief-a", "app-a");
    appBs = startThief("thief-b", "app-b");
    thieves.push(appAs, appBs);
    await until("the wiki is reached", 90, () => curl(appA, `http://${wiki}/`).status === 200);
  });

  after(() => {
    lead({});
    putBack({ checkout, pristine }, thieves);
  });

  it("are reached by http, the application's own https, bytes and TLS that the gateway opens", () => {
    for (const [scheme, host, arrives] of [
      ["http", wiki, "http"],
      ["https", wiki, "https"],
      ["http", ledger, "https"],
    ] as const) {
      const asked = `/${unique()}`;
      assert.equal(curl(appA, `${scheme}://${host}${asked}`).status, 200, `${scheme}://${host}`);
      assert.deepEqual(
        seenOutside(asked).map((seen) => [seen.scheme, seen.host]),
        [[arrives, host]],
      );
    }
    const { status, heard } = appAs.connect(`${wiki}:5432`);
    assert.equal(status, 200);
    // What the server answers to the line may come along with its greeting.
    assert.match(heard, /^220 wiki\.corp\.example:5432 ready/);
    assert.equal(curl(appA, `http://${ledger}/`, "--request", "POST").status, 403);
  });

  describe("are for those who are granted them", () => {
    for (const caller of [appB, hammer]) {
      it(`and refused to ${caller.workload}`, () => {
        const asked = `/${unique()}`;
        assert.ok([502, 404].includes(curl(caller, `http://${wiki}${asked}`).status));
        assert.equal(curl(caller, `https://${wiki}${asked}`).status, 0);
        assert.deepEqual(seenOutside(asked), []);
        assert.equal(curl(appA, `http://${wiki}${asked}`).status, 200);
        assert.equal(curl(appA, `https://${wiki}${asked}`).status, 200);
      });
    }

    it("and refused to another identity whose sidecar knows them", async () => {
      const pretender = startPretender("private-pretender");
      try {
        assert.equal(await pretender.answered(`http://${wiki}/`), "403");
        assert.equal(curl(appA, `http://${wiki}/`).status, 200);
      } finally {
        pretender.remove();
      }
    });

    it("and to a stolen certificate that is not granted them, and without one, before anything is looked up or dialled", async () => {
      const host = unasked;
      const asked = `/${unique()}`;
      const greeted = greetings(addresses.wiki);
      assert.equal(appBs.http(host, asked).status, 403);
      assert.equal(appAs.http(host, asked, "none").status, 0);
      assert.equal(appBs.tls({ outer: host, inner: host }), "refused");
      assert.equal(appAs.tls({ outer: host, inner: host }, "none"), "refused");
      assert.deepEqual(appBs.connect(`${host}:5432`), { status: 403, heard: "" });
      assert.equal(appAs.connect(`${host}:5432`, "none").status, 0);
      assert.equal(appBs.http(ledger, asked, "own", 8081).status, 403);
      assert.equal(lookUps(host), 0);
      assert.deepEqual(seenOutside(asked), []);
      assert.equal(greetings(addresses.wiki), greeted);
      assert.equal(appAs.http(host, asked).status, 200);
      assert.equal(appAs.tls({ outer: host, inner: host }), "served");
      assert.equal(appAs.connect(`${host}:5432`).status, 200);
      assert.equal(appAs.http(ledger, asked, "own", 8081).status, 200);
      await lookedUp(host);
    });
  });

  describe("lead into their ranges and nowhere else", () => {
    for (const [name, { leadsTo, passes }] of Object.entries(turned)) {
      it(`${leadsTo.join(" and ")} is ${passes ? "let pass" : "refused at once"}`, () => {
        const host = granted(name);
        const asked = `/${unique()}`;
        const { status, seconds } = appAs.http(host, asked);
        assert.equal(status, passes ? 200 : 403);
        assert.ok(seconds < 5, `${seconds} s`);
        assert.equal(seenOutside(asked).length, passes ? 1 : 0);
        assert.equal(appAs.tls({ outer: host, inner: host }), passes ? "served" : "refused");
        assert.equal(appAs.connect(`${host}:5432`).status, passes ? 200 : 403);
      });
    }

    it("not even by the second address of an answer whose first one is dead", () => {
      const host = granted("dead");
      const asked = `/${unique()}`;
      const greeted = greetings(addresses.elsewhere);
      assert.equal(appAs.http(host, asked).status, 503);
      assert.equal(appAs.tls({ outer: host, inner: host }), "refused");
      assert.notEqual(appAs.connect(`${host}:5432`).status, 200);
      assert.deepEqual(seenOutside(asked), []);
      assert.equal(greetings(addresses.elsewhere), greeted);
    });

    it("also when they turn, and when they come back", async () => {
      const host = granted("restless");
      const status = () => appAs.http(host, "/").status;
      assert.equal(status(), 200);
      for (const [leadsTo, expected] of [
        [addresses.elsewhere, 403],
        ["169.254.169.254", 403],
        [addresses.wiki, 200],
      ] as const) {
        lead({ ...now, [host]: [leadsTo] });
        await until(`${host} leads to ${leadsTo}`, 60, () => status() === expected);
      }
      await until("https is served again", 90, () => appAs.tls({ outer: host, inner: host }) === "served");
    });
  });

  describe("open their ranges to no other host", () => {
    it("a host without private ranges is reached at its public address", () => {
      const host = stranger("fine");
      assert.equal(curl(appA, `http://${host}/`).status, 200);
      assert.equal(curl(appA, `https://${host}/`).status, 200);
    });

    it("and refused at once where it leads into the private ranges of another", () => {
      const host = stranger("lured");
      const asked = `/${unique()}`;
      const greeted = greetings(addresses.wiki);
      const { status, seconds } = appAs.http(host, asked);
      assert.equal(status, 403);
      assert.ok(seconds < 5, `${seconds} s`);
      assert.equal(appAs.tls({ outer: host, inner: host }), "refused");
      assert.equal(appAs.connect(`${host}:5432`).status, 403);
      assert.deepEqual(seenOutside(asked), []);
      assert.equal(greetings(addresses.wiki), greeted);
      assert.equal(appAs.http(wiki, asked).status, 200);
    });

    it("nor by the second address of an answer whose first one is dead, which the NetworkPolicy would let pass", () => {
      const host = stranger("mixed");
      const asked = `/${unique()}`;
      const greeted = greetings(addresses.wiki);
      assert.equal(appAs.http(host, asked).status, 503);
      assert.equal(appAs.tls({ outer: host, inner: host }), "refused");
      assert.notEqual(appAs.connect(`${host}:5432`).status, 200);
      assert.deepEqual(seenOutside(asked), []);
      assert.equal(greetings(addresses.wiki), greeted);
    });

    it("nor of one private destination to another", () => {
      // What is granted as 10.20.0.6 only is not led to 10.20.0.5, which the gateway reaches for others.
      const answer = kubectl(...["get", "envoyfilter", "egress-gateway", "--namespace=istio-egress", "--output=json"]);
      const caches = [...answer.matchAll(/"name": "(outside|private-\w+)"/g)].map(([, name]) => name);
      assert.deepEqual([...new Set(caches)].sort(), ["outside", "private-ledger", "private-wiki"]);
    });
  });

  // Last, as the log is of the calls above.
  describe("as commands tell of them", () => {
    it("are told by explain as the mesh has it", () => {
      const explain = (from: string, url: string) => egress(["explain", "lab", from, url], { cwd: checkout.folder });
      const told = explain("test-app/app-a", `https://${wiki}/`);
      assert.equal(told.exitCode, 0);
      assert.match(told.stdout, /10\.20\.0\.0\/16/);
      assert.equal(explain("test-app/app-a", `tcp://${wiki}:5432`).exitCode, 0);
      assert.equal(explain("test-app/app-b", `https://${wiki}/`).exitCode, 1);
    });

    it("are in the log with rule and the address that was dialled, and each refusal with its reason", async () => {
      const of = (entries: Decision[], host: string, protocol: string) =>
        entries.filter((entry) => entry.host === host && entry.protocol === protocol).at(-1);
      let entries: Decision[] = [];
      const refusals = [
        [granted("elsewhere"), /not in 10\.20\.0\.0\/16/],
        [granted("metadata"), /not in 10\.20\.0\.0\/16/],
        [stranger("lured"), /another destination/],
      ] as const;
      const passes = [
        ["http", wiki, "10.20.0.5:80"],
        ["https", wiki, "10.20.0.5:443"],
        ["tcp", `${wiki}:5432`, "10.20.0.5:5432"],
        ["http", ledger, "10.20.0.6:443"],
      ] as const;
      const passed = (protocol: string, host: string) =>
        entries.find((entry) => entry.host === host && entry.protocol === protocol && entry.allowed);
      await until("all are logged", 90, () => {
        entries = read();
        return (
          refusals.every(
            ([host]) => of(entries, host, "http") && of(entries, host, "https") && of(entries, `${host}:5432`, "tcp"),
          ) && passes.every(([protocol, host]) => passed(protocol, host))
        );
      });
      for (const [host, because] of refusals) {
        for (const [protocol, logged] of [
          ["http", host],
          ["https", host],
          ["tcp", `${host}:5432`],
        ] as const) {
          const refused = of(entries, logged, protocol)!;
          assert.equal(refused.allowed, false, `${protocol} ${host}`);
          assert.match(refused.because!, because, `${protocol} ${host}`);
        }
      }
      for (const [protocol, host, upstream] of passes) {
        const call = passed(protocol, host)!;
        assert.deepEqual([call.from, call.upstream, call.owner, call.ok], ["test-app/app-a", upstream, "team-a", true]);
      }
    });

    it("are asked for by the live matrix, which agrees", () => {
      const { stdout } = egress(["matrix", "lab", "--live", "--json"], { cwd: checkout.folder });
      const cells = workloadCells<{ from: string; url: string; ok: boolean }>(stdout);
      const own = cells.filter(({ url }) => url.includes(wiki) || url.includes(ledger));
      assert.ok(own.length >= 9, `${own.length}`);
      assert.ok(
        own.every(({ ok }) => ok),
        JSON.stringify(own.filter(({ ok }) => !ok)),
      );
    });
  });
});
