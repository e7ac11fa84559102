// Addresses without a name: by identity, address and port, through the gateway, public and private ones, whoever speaks first;
// and nobody else is connected or greeted. Each refusal stands beside a call that is allowed on the same way.
// Does not prove: what a network between the gateway and an address makes of it.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { state } from "../../lab/paths";
import { grantToAppA, scratchCheckout } from "./support/checkout";
import { egress } from "./support/commands";
import { Decision, loggedDecisions } from "./support/decisions";
import { workloadCells } from "./support/matrix";
import { apply, putBack } from "./support/pulumi";
import { appA, appB, Caller, curl, execIn, hammer } from "./support/requests";
import { lookUps, startThief, Thief } from "./support/thief";
import { until } from "./support/until";

/** A range of two on a port where clients speak first, a mail server, and one in a private network: with names of their own. */
const pair = ["203.0.113.30", "203.0.113.31"] as const;
const mail = "203.0.113.32";
const inside = "10.20.0.5";
const destinations = {
  partner: { addresses: ["203.0.113.30/31"], ports: ["5432/tcp", "443/tcp"] },
  mailer: { addresses: [mail], ports: ["587/tcp", "5432/tcp"] },
  ledger: { addresses: [inside], ports: ["5432/tcp"] },
};

/** Connections that reached an address of the external world, by line protocols. */
function arrived(address: string): number {
  return fs
    .readFileSync(path.join(state.logs, "outside.log"), "utf8")
    .split("\n")
    .filter((line) => line.includes('"scheme":"tcp"') && line.includes(`"address":"${address}"`)).length;
}

const client = `
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2])), 15) as wire:
    wire.settimeout(15)
    if sys.argv[3] == "speak":
        wire.sendall(b"hello\\r\\n")
    print(wire.recv(4096).decode().strip())
`;

/** What a TCP client hears first at an address; empty where nothing came. */
function talk(caller: Caller, address: string, port: number, how: "listen" | "speak" = "speak"): string {
  return execIn(caller, "python3", "-c", client, address, `${port}`, how).stdout.trim();
}

describe("addresses without a name", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  const thieves: Thief[] = [];
  let appAs: Thief;
  let appBs: Thief;
  let begun: number;

  before(async () => {
    begun = Date.now();
    grantToAppA(checkout.folder, destinations, "a test of addresses", (set) => {
      set(["cluster", "ranges"], ["10.244.0.0/16", "10.96.0.0/12", "192.168.77.0/24"]);
    });
    apply("up", checkout.folder);
    appAs = startThief("thief-a", "app-a");
    appBs = startThief("thief-b", "app-b");
    thieves.push(appAs, appBs);
    await until("a granted address is open", 90, () => talk(appA, pair[0], 5432) !== "");
  });

  after(() => putBack({ checkout, pristine }, thieves));

  describe("for the workload that is granted them", () => {
    it("are reached one by one, in a range and beside it", () => {
      assert.equal(talk(appA, pair[0], 5432), "250 db.partner.example:5432 hello");
      assert.equal(talk(appA, pair[1], 5432), "250 db.other.example:5432 hello");
      assert.equal(talk(appA, mail, 5432), "250 mail.partner.example:5432 hello");
    });

    it("carry a protocol in which the server speaks first, and one in a private network", () => {
      assert.equal(talk(appA, mail, 587, "listen"), "220 mail.partner.example:587 ready");
      assert.match(talk(appA, inside, 5432, "listen"), /^220 wiki\.corp\.example:5432 ready/);
    });

    it("carry the application's own TLS on 443, beside hosts that are called by name there", () => {
      const byAddress = ["--connect-to", `db.partner.example:443:${pair[0]}:443`];
      assert.equal(curl(appA, "https://db.partner.example/", ...byAddress).status, 200);
      assert.equal(curl(appA, "https://httpbin.org/").status, 200);
    });

    it("are no other ports, and no neighbours", () => {
      const before = arrived(pair[0]) + arrived("203.0.113.33") + arrived("10.20.0.6");
      assert.equal(talk(appA, pair[0], 5433), "");
      assert.equal(talk(appA, "203.0.113.33", 5432), "");
      assert.equal(talk(appA, "10.20.0.6", 5432), "");
      assert.equal(arrived(pair[0]) + arrived("203.0.113.33") + arrived("10.20.0.6"), before);
      assert.equal(talk(appA, pair[0], 5432), "250 db.partner.example:5432 hello");
    });
  });

  describe("for others", () => {
    for (const [name, caller] of Object.entries({ "of the same namespace": appB, "of another one": hammer })) {
      it(`are closed: a workload ${name}`, () => {
        const all = () => arrived(pair[0]) + arrived(mail) + arrived(inside);
        const before = all();
        assert.equal(talk(caller, pair[0], 5432), "");
        assert.equal(talk(caller, mail, 587, "listen"), "");
        assert.equal(talk(caller, inside, 5432, "listen"), "");
        assert.equal(all(), before);
        assert.equal(talk(appA, mail, 587, "listen"), "220 mail.partner.example:587 ready");
        assert.equal(all(), before + 1);
      });
    }

    it("are refused by the gateway itself to a real certificate that is not granted them", () => {
      const before = arrived(pair[0]) + arrived(mail) + arrived(inside);
      for (const place of [`${pair[0]}:5432`, `${mail}:587`, `${inside}:5432`]) {
        assert.deepEqual(appBs.connect(place), { status: 403, heard: "" });
        assert.equal(appAs.connect(place, "none").status, 0);
      }
      assert.equal(arrived(pair[0]) + arrived(mail) + arrived(inside), before);
      assert.deepEqual(appAs.connect(`${pair[0]}:5432`), { status: 200, heard: "250 db.partner.example:5432 stolen" });
      assert.equal(appAs.connect(`${inside}:5432`).status, 200);
    });

    it("are refused to a certificate that is granted their neighbours, other ports, or what is only spelled like them", () => {
      const name = `${pair[0]}.turning.example`;
      for (const place of [
        `${pair[0]}:5433`,
        "203.0.113.33:5432",
        "10.20.0.6:5432",
        `${name}:5432`,
        `203.0.113.030:5432`,
        "169.254.169.254:5432",
      ]) {
        assert.equal(appAs.connect(place).status, 403, place);
      }
      assert.equal(lookUps(name), 0);
      assert.equal(appAs.connect(`${pair[1]}:5432`).status, 200);
    });
  });

  // Last, as it reads what the calls above have left.
  describe("as commands tell of them", () => {
    it("are in the log, with identity, rule, address and port", async () => {
      const place = `${pair[0]}:5432`;
      let entries: Decision[] = [];
      await until("all are logged", 90, () => {
        // Of these tests only: others call the same address by its name.
        entries = loggedDecisions([], checkout.folder).filter(
          ({ host, time }) => host === place && Date.parse(time) >= begun,
        );
        return (
          ["gateway", "sidecar"].every((at) =>
            entries.some((entry) => entry.at === at && entry.from === "test-app/app-b" && !entry.allowed),
          ) && entries.some(({ from, allowed }) => from === "test-app/app-a" && allowed)
        );
      });
      assert.deepEqual(
        entries.filter(({ ok }) => ok === false),
        [],
      );
      const granted = entries.find(({ from, allowed }) => from === "test-app/app-a" && allowed);
      assert.deepEqual([granted?.upstream, granted?.owner], [place, "team-a"]);
      assert.match(entries.find(({ from }) => from === "test-app/app-b")!.because!, /partner/);
    });

    it("are asked for by the live matrix, and it agrees in every cell", () => {
      const { stdout, exitCode } = egress(["matrix", "lab", "--live", "--json"], { cwd: checkout.folder });
      const cells = workloadCells<{ from: string; url: string; seen: string; ok: boolean | null }>(stdout);
      assert.deepEqual(
        cells.filter(({ ok, url }) => !ok && !(ok === null && url.endsWith(":443"))),
        [],
      );
      assert.equal(exitCode, 0);
      const seen = (url: string) => cells.filter((cell) => cell.url === url).map((cell) => `${cell.from} ${cell.seen}`);
      assert.deepEqual(seen(`tcp://${pair[0]}:5432`), [
        "istio-workload/hammer connection closed",
        "test-app/app-a open",
        "test-app/app-b connection closed",
      ]);
      assert.equal(seen(`tcp://${mail}:587`)[1], "test-app/app-a greeted");
      assert.match(seen(`tcp://${pair[0]}:443`)[1]!, /not asked/);
    });
  });
});
