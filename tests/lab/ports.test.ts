// Ports beside 80 and 443: what is granted works, whoever speaks first, and what is not is neither resolved, dialled nor
// greeted; each refusal beside a call that is allowed on the same way.
// Does not prove: connections that last for hours, and what a database does with them.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { state } from "../../lab/paths";
import { editStackDocument, scratchCheckout } from "./support/checkout";
import { egress, kubectl } from "./support/commands";
import { Decision, loggedDecisions } from "./support/decisions";
import { workloadCells } from "./support/matrix";
import { apply, putBack } from "./support/pulumi";
import { appA, appB, Caller, curl, execIn, hammer, seenOutside } from "./support/requests";
import { lookedUp, lookUps, startThief, Thief } from "./support/thief";
import { until } from "./support/until";

/** Each in one destination of many ports, or with others on the same port. */
const destinations = {
  databases: { hosts: ["db.partner.example", "db.other.example"], ports: ["5432/tcp"] },
  mail: { hosts: ["mail.partner.example"], protocols: ["https"], ports: ["587/tcp", "5432/tcp"] },
};
const owned = { owner: "team-a", reason: "a test of ports" };
const rules = Object.keys(destinations).map((to) => ({ from: "test-app/app-a", to, ...owned }));
const web = {
  github: { hosts: ["github.com"], protocols: ["http", "https"], ports: ["8080/http"] },
};

interface Line {
  address: string;
  port: number;
  scheme: string;
  from: string;
}

/** Connections that reached an address and port of the external world, by line protocols. */
function arrived(address: string, port: number): Line[] {
  return fs
    .readFileSync(path.join(state.logs, "outside.log"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line)
    .filter((line) => line.scheme === "tcp" && line.address === address && line.port === port);
}

const addresses = { partner: "203.0.113.30", other: "203.0.113.31", mail: "203.0.113.32" };

const client = `
import socket, sys
host, port, how = sys.argv[1], int(sys.argv[2]), sys.argv[3]
with socket.create_connection((host, port), 15) as wire:
    wire.settimeout(15)
    if how == "listen":
        print(wire.recv(4096).decode().strip())
    elif how == "speak":
        wire.sendall(b"hello\\r\\n")
        print(wire.recv(4096).decode().strip())
    elif how == "half-close":
        wire.sendall(b"one\\r\\ntwo\\r\\n")
        wire.shutdown(socket.SHUT_WR)
        text = b""
        while True:
            data = wire.recv(4096)
            if not data:
                break
            text += data
        print(text.decode().strip().splitlines()[-1])
`;

/** What a TCP client hears of a host: the first bytes, or, with half-close, the last line; empty where nothing came. */
function talk(caller: Caller, host: string, port: number, how: "listen" | "speak" | "half-close" = "speak"): string {
  return execIn(caller, "python3", "-c", client, host, `${port}`, how).stdout.trim();
}

describe("ports beside 80 and 443", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  const thieves: Thief[] = [];
  let appAs: Thief;
  let appBs: Thief;

  let begun: number;

  before(async () => {
    begun = Date.now();
    editStackDocument(checkout.folder, "lab", (set) => {
      Object.entries({ ...destinations, ...web }).forEach(([name, value]) => set(["destinations", name], value));
      rules.forEach((rule, index) => set(["allow", 3 + index], rule));
    });
    apply("up", checkout.folder);
    appAs = startThief("thief-a", "app-a");
    appBs = startThief("thief-b", "app-b");
    thieves.push(appAs, appBs);
    await until("a granted port is open", 90, () => talk(appA, "db.partner.example", 5432) !== "");
  });

  after(() => putBack({ checkout, pristine }, thieves));

  describe("for the workload that is granted them", () => {
    it("carry a protocol in which the client speaks first", () => {
      assert.equal(talk(appA, "db.partner.example", 5432), "250 db.partner.example:5432 hello");
    });

    it("carry one in which the server speaks first", () => {
      assert.equal(talk(appA, "mail.partner.example", 587, "listen"), "220 mail.partner.example:587 ready");
    });

    it("tell hosts on one port apart, of one destination and of another", () => {
      assert.equal(talk(appA, "db.other.example", 5432), "250 db.other.example:5432 hello");
      assert.equal(talk(appA, "db.partner.example", 5432), "250 db.partner.example:5432 hello");
      assert.equal(talk(appA, "mail.partner.example", 5432), "250 mail.partner.example:5432 hello");
    });

    it("bring the answer to a client that has closed its side", () => {
      assert.equal(talk(appA, "db.partner.example", 5432, "half-close"), "221 db.partner.example:5432 2 lines");
    });

    it("stand beside https on the same host, and http on another port beside http", () => {
      const mark = `/${randomBytes(6).toString("hex")}`;
      assert.equal(curl(appA, `https://mail.partner.example${mark}`).status, 200);
      assert.equal(curl(appA, `http://github.com:8080${mark}`).status, 301);
      assert.equal(curl(appA, `http://github.com${mark}`).status, 301);
      assert.equal(seenOutside(mark).length, 3);
    });

    it("are no other ports of the same host, and no other protocols on its own", () => {
      const before = arrived(addresses.partner, 5433).length + arrived(addresses.mail, 25).length;
      assert.equal(talk(appA, "db.partner.example", 5433), "");
      assert.equal(talk(appA, "mail.partner.example", 25, "listen"), "");
      assert.equal(arrived(addresses.partner, 5433).length + arrived(addresses.mail, 25).length, before);
      assert.equal(curl(appA, "https://db.partner.example/").status, 0);
    });
  });

  describe("for others", () => {
    const others = { "another workload of the namespace": appB, "a workload of another one": hammer };
    for (const [name, caller] of Object.entries(others)) {
      it(`are closed: ${name}`, () => {
        const before = arrived(addresses.partner, 5432).length + arrived(addresses.mail, 587).length;
        assert.equal(talk(caller, "db.partner.example", 5432), "");
        assert.equal(talk(caller, "mail.partner.example", 587, "listen"), "");
        assert.equal(arrived(addresses.partner, 5432).length + arrived(addresses.mail, 587).length, before);
        // The twin, on the same way.
        assert.equal(talk(appA, "db.partner.example", 5432), "250 db.partner.example:5432 hello");
        assert.equal(arrived(addresses.partner, 5432).length + arrived(addresses.mail, 587).length, before + 1);
      });
    }

    it("are refused by the gateway itself to a real certificate that is not granted them", () => {
      const before = arrived(addresses.partner, 5432).length + arrived(addresses.mail, 587).length;
      assert.deepEqual(appBs.connect("db.partner.example:5432"), { status: 403, heard: "" });
      assert.deepEqual(appBs.connect("mail.partner.example:587"), { status: 403, heard: "" });
      assert.equal(appAs.connect("db.partner.example:5432", "none").status, 0);
      assert.equal(arrived(addresses.partner, 5432).length + arrived(addresses.mail, 587).length, before);
      assert.deepEqual(appAs.connect("db.partner.example:5432"), {
        status: 200,
        heard: "250 db.partner.example:5432 stolen",
      });
    });

    it("are refused to a certificate that is granted other ports of the host, and other hosts on the port", () => {
      const before = arrived(addresses.partner, 5433).length;
      assert.equal(appAs.connect("db.partner.example:5433").status, 403);
      assert.equal(appAs.connect("github.com:5432").status, 403);
      assert.equal(arrived(addresses.partner, 5433).length, before);
      assert.equal(appAs.connect("mail.partner.example:5432").status, 200);
    });

    it("are not even looked up for them", async () => {
      const name = `x${randomBytes(6).toString("hex")}.bulk.example`;
      assert.equal(appBs.connect(`${name}:5432`).status, 403);
      assert.equal(appAs.connect(`${name}:5432`, "none").status, 0);
      assert.equal(lookUps(name), 0);
      // The twin: a name that is granted is looked up once it is called.
      assert.equal(appAs.connect("db.other.example:5432").status, 200);
      await lookedUp("db.other.example");
    });
  });

  // Of these tests only: others call the same ports on other ways.
  const tcpEntries = () =>
    loggedDecisions([], checkout.folder).filter(
      ({ protocol, time }) => protocol === "tcp" && Date.parse(time) >= begun,
    );

  // Last, as it reads what the calls above have left.
  describe("as commands and the cluster tell of them", () => {
    it("are in the log, with identity, rule, host, port and the address that was dialled", async () => {
      let entries: Decision[] = [];
      await until("both are logged", 90, () => {
        entries = tcpEntries();
        const of = (from: string, allowed: boolean) =>
          entries.some(
            (entry) => entry.from === from && entry.host === "db.partner.example:5432" && entry.allowed === allowed,
          );
        return of("test-app/app-a", true) && of("test-app/app-b", false);
      });
      const of = (from: string) =>
        entries.filter((entry) => entry.from === from && entry.host === "db.partner.example:5432");
      const [granted] = of("test-app/app-a").filter(({ allowed }) => allowed);
      assert.equal(granted?.upstream, `${addresses.partner}:5432`);
      assert.equal(granted?.ok, true);
      assert.equal(granted?.owner, "team-a");
      const [refused] = of("test-app/app-b");
      assert.deepEqual([refused?.allowed, refused?.ok, refused?.upstream], [false, true, undefined]);
      assert.match(refused!.because!, /databases/);
    });

    it("are in the log of the sidecar that refused them, by address, as nothing else is known there", async () => {
      const place = `${addresses.partner}:5432`;
      assert.equal(talk(appB, "db.partner.example", 5432), "");
      assert.equal(talk(appA, "db.partner.example", 5432), "250 db.partner.example:5432 hello");
      const callers = ["istio-workload/hammer", "test-app/app-b"];
      let atHome: Decision[] = [];
      const seen = () => [...new Set(atHome.map(({ from }) => from))].sort();
      await until("both are logged", 90, () => {
        atHome = tcpEntries().filter(({ at, host }) => at === "sidecar" && host === place);
        return callers.every((caller) => seen().includes(caller));
      });
      assert.deepEqual(seen(), callers);
      assert.ok(atHome.every(({ allowed, ok }) => !allowed && ok));
      assert.match(atHome[0]!.because!, /^it names no host, only an address, and rules are for names/);
    });

    it("are asked for by the live matrix, and it agrees in every cell", () => {
      const { stdout, exitCode } = egress(["matrix", "lab", "--live", "--json"], { cwd: checkout.folder });
      const cells = workloadCells<{ from: string; url: string; expected: string; seen: string; ok: boolean }>(stdout);
      assert.deepEqual(
        cells.filter(({ ok }) => !ok),
        [],
      );
      assert.equal(exitCode, 0);
      const seen = (url: string) => cells.filter((cell) => cell.url === url).map((cell) => `${cell.from} ${cell.seen}`);
      assert.deepEqual(seen("tcp://db.partner.example:5432"), [
        "istio-workload/hammer connection closed",
        "test-app/app-a open",
        "test-app/app-b connection closed",
      ]);
      assert.equal(seen("tcp://mail.partner.example:587")[1], "test-app/app-a greeted");
      assert.equal(seen("http://github.com:8080")[1], "test-app/app-a 301");
    });

    it("open the gateway's way out on these ports, and on no other", () => {
      const ports = kubectl(
        ...["get", "networkpolicy", "egress-gateway-to-ports", "--namespace=istio-egress"],
        "--output=jsonpath={.spec.egress[*].ports[*].port}",
      );
      assert.equal(ports, "587 5432 8080");
    });
  });
});
