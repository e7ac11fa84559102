// A rule ends at its moment by itself: nobody changes the cluster, and the gateway refuses what it let pass before; the twin
// of each call, by another workload whose rule has no end, goes on.
// Does not prove: pods whose clocks differ; all of the lab has one clock.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { labCommand } from "../../lab/shell";
import { editStackDocument, scratchCheckout } from "./support/checkout";
import { egress, kubectlAside } from "./support/commands";
import { Decision, loggedDecisions } from "./support/decisions";
import { apply, putBack } from "./support/pulumi";
import { appA, appB, Caller, curl, seenOutside } from "./support/requests";
import { startThief, Thief } from "./support/thief";
import { until } from "./support/until";

/** Long enough to apply the stack and see that it works. */
const secondsToTheEnd = 200;

/** The ways that end, and the URL of one that does not, of the same workload. */
const ways = { http: "http://github.com", https: "https://github.com", wildcard: "https://x.bulk.example" } as const;
const place = "db.partner.example:5432";

// Calls each way ten times a second, and writes when each call began and whether the host answered; one connection is
// opened at the beginning, and spoken on to the last.
const caller = `
import json, socket, ssl, sys, threading, time
until = float(sys.argv[1])
lines = []

def http(wire):
    wire.sendall(b"HEAD / HTTP/1.1\\r\\nHost: github.com\\r\\nConnection: close\\r\\n\\r\\n")
    return wire.recv(4096).split(b" ")[1:2] in ([b"200"], [b"301"])

def https(wire, name="github.com"):
    with ssl.create_default_context().wrap_socket(wire, server_hostname=name) as inside:
        return inside.version() is not None

def tcp(wire):
    wire.sendall(b"hello\\r\\n")
    return wire.recv(4096).startswith(b"250 ")

kinds = {"http": ("github.com", 80, http), "https": ("github.com", 443, https), "tcp": ("db.partner.example", 5432, tcp)}

def ask(way):
    host, port, speak = kinds[way]
    while time.time() < until:
        begun = time.time()
        try:
            with socket.create_connection((host, port), 20) as wire:
                wire.settimeout(20)
                answered = speak(wire)
        except OSError:
            answered = False
        lines.append({"way": way, "begun": begun, "ended": time.time(), "answered": answered})
        time.sleep(max(0, begun + 0.1 - time.time()))

def stay():
    with socket.create_connection(("db.partner.example", 5432), 20) as wire:
        wire.settimeout(20)
        while time.time() < until:
            begun = time.time()
            try:
                answered = tcp(wire)
            except OSError:
                answered = False
            lines.append({"way": "open", "begun": begun, "ended": time.time(), "answered": answered})
            time.sleep(0.5)

threads = [threading.Thread(target=ask, args=[way]) for way in kinds] + [threading.Thread(target=stay)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps(lines))
`;

// Opens a connection each over https and TCP, and speaks on them until it is told to end, twenty minutes at most; prints when
// the last answer came on each.
const holder = `
import json, os, socket, ssl, time
def opened(host, port):
    wire = socket.create_connection((host, port), 5)
    wire.settimeout(5)
    return wire
wires = {
    "https": (ssl.create_default_context().wrap_socket(opened("github.com", 443), server_hostname="github.com"),
              b"HEAD / HTTP/1.1\\r\\nHost: github.com\\r\\n\\r\\n", b"HTTP/1.1 "),
    "tcp": (opened("db.partner.example", 5432), b"hello\\r\\n", b"250 "),
}
last = {}
until = time.time() + 1200
while time.time() < until and not os.path.exists("/tmp/holding-ends"):
    for way, (wire, asked, answer) in wires.items():
        try:
            wire.sendall(asked)
            if wire.recv(4096).startswith(answer):
                last[way] = time.time()
        except OSError:
            pass
    time.sleep(0.5)
print(json.dumps({**last, "stopped": time.time()}))
`;

interface Call {
  way: "http" | "https" | "tcp" | "open";
  /** Seconds since 1970. */
  begun: number;
  ended: number;
  answered: boolean;
}

describe("a rule's end", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  const thieves: Thief[] = [];
  let thief: Thief;
  let end: number;
  let endText: string;
  let calls: Record<"ending" | "lasting", Call[]>;
  const inAppA = ["--namespace=test-app", "deployment/app-a", "--container=app-a"];
  /** When the last answers came on connections that were opened before the end, by what is spoken. Seconds since 1970. */
  let held: Promise<string>;

  async function callsOf({ namespace, workload }: Caller, last: number): Promise<Call[]> {
    const pod = [`--namespace=${namespace}`, `deployment/${workload}`, `--container=${workload}`];
    return JSON.parse(await kubectlAside("exec", ...pod, "--", "python3", "-c", caller, `${last}`)) as Call[];
  }

  async function heldInAppA(): Promise<string> {
    const { argv, env } = labCommand(["kubectl", "exec", ...inAppA, "--", "python3", "-c", holder]);
    return (await promisify(execFile)(argv[0]!, argv.slice(1), { env, timeout: 1_300_000 })).stdout;
  }

  const reaches = (who: Caller, url: string) => [200, 301].includes(curl(who, `${url}/`).status);
  const at = (who: keyof typeof calls, way: Call["way"]) => calls[who].filter((call) => call.way === way);

  before(async () => {
    end = Math.ceil(Date.now() / 1000) + secondsToTheEnd;
    endText = new Date(end * 1000).toISOString().replace(".000Z", "Z");
    const owned = { owner: "team-a", reason: "a test of ends" };
    editStackDocument(checkout.folder, "lab", (set) => {
      set(["destinations", "bulk"], { hosts: ["*.bulk.example"], protocols: ["https"] });
      set(["destinations", "databases"], { hosts: ["db.partner.example"], ports: ["5432/tcp"] });
      const to = ["github", "bulk", "databases"];
      set(
        ["allow"],
        [
          ...to.map((each) => ({ from: "test-app/app-a", to: each, expires: endText, ...owned })),
          ...to.map((each) => ({ from: "test-app/app-b", to: each, ...owned })),
          { from: "test-app/app-a", to: "httpbin", ...owned },
        ],
      );
    });
    apply("up", checkout.folder);
    thief = startThief("thief-a", "app-a");
    thieves.push(thief);
    for (const who of [appA, appB]) {
      for (const url of Object.values(ways)) {
        await until(`${who.workload} reaches ${url}`, 90, () => reaches(who, url));
      }
    }
    assert.equal(thief.http("GITHUB.COM", "/").status, 301);
    assert.equal(thief.connect(place).status, 200);
    assert.ok(Date.now() / 1000 < end - 5, "the stack took too long to apply: there is no time left before the end");
    held = heldInAppA();
    // Its outcome is asked for at the end.
    held.catch(() => undefined);
    const [ending, lasting] = await Promise.all([appA, appB].map((who) => callsOf(who, end + 8)));
    calls = { ending: ending!, lasting: lasting! };
  });

  after(() => putBack({ checkout, pristine }, thieves));

  for (const way of ["http", "https", "tcp"] as const) {
    it(`is the end over ${way} of what began after it, and of nothing before`, () => {
      const refused = at("ending", way).filter(({ answered }) => !answered);
      const answered = at("ending", way).filter((call) => call.answered);
      assert.ok(answered.length > 10 && refused.length > 10, `${answered.length} answered, ${refused.length} refused`);
      const last = Math.max(...answered.map(({ begun }) => begun)) - end;
      const first = Math.min(...refused.map(({ begun }) => begun)) - end;
      process.stdout.write(
        `      over ${way}: last allowed ${last.toFixed(2)} s after the end, first refused ${first.toFixed(2)} s after it\n`,
      );
      assert.ok(last < 0.1, `one that began ${last} s after the end was answered`);
      // What begins before may come to the gateway after, and on a busy machine later; nothing is refused before.
      const told = Math.min(...refused.map((call) => call.ended)) - end;
      assert.ok(told > -0.05, `one was refused ${-told} s before the end`);
      assert.ok(first < 5, `the first that was refused began ${first} s after the end`);
    });

    it(`is none over ${way} for the twin whose rule has no end`, () => {
      assert.deepEqual(
        at("lasting", way).filter(({ answered }) => !answered),
        [],
      );
      assert.ok(at("lasting", way).some(({ begun }) => begun > end + 3));
    });
  }

  it("leaves connections over TCP that are open then as they are", () => {
    assert.ok(at("ending", "open").some(({ begun }) => begun > end + 3));
    assert.ok(at("ending", "open").every(({ answered }) => answered));
  });

  it("holds for names below a wildcard, and for other destinations of the workload not", () => {
    assert.ok(!reaches(appA, ways.wildcard));
    assert.ok(reaches(appB, ways.wildcard));
    assert.ok(reaches(appA, "http://httpbin.org"));
    assert.ok(reaches(appA, "https://httpbin.org"));
  });

  it("holds for a stolen certificate, in whatever case and with whatever port it writes the name", () => {
    const path = `/${randomBytes(6).toString("hex")}`;
    for (const host of ["github.com", "GITHUB.COM", "GitHub.com:80"]) {
      assert.equal(thief.http(host, path).status, 403, host);
    }
    assert.equal(thief.tls({ outer: "github.com", inner: "github.com" }), "refused");
    assert.equal(thief.connect(place).status, 403);
    assert.deepEqual(seenOutside(path), []);
    assert.equal(thief.http("httpbin.org", path).status, 200);
    assert.equal(thief.tls({ outer: "httpbin.org", inner: "httpbin.org" }), "served");
  });

  it("is the reason in egress logs, over each way", async () => {
    const read = () =>
      loggedDecisions(["--since", "5m"], checkout.folder).filter(({ time }) => Date.parse(time) / 1000 >= end);
    const ended = (protocol: string) => (decision: Decision) =>
      decision.from === "test-app/app-a" && decision.protocol === protocol && /by itself/.test(decision.because ?? "");
    let decisions: Decision[] = [];
    await until("all are logged", 90, () => {
      decisions = read();
      return ["http", "https", "tcp"].every((protocol) => decisions.some(ended(protocol)));
    });
    for (const protocol of ["http", "https", "tcp"]) {
      const { allowed, ok, because } = decisions.find(ended(protocol))!;
      assert.deepEqual([allowed, ok], [false, true], protocol);
      assert.match(because!, new RegExp(`ended at ${endText}, by itself; .*allowed it until ${endText}`));
      const passed = decisions.filter((each) => each.from === "test-app/app-a" && each.protocol === protocol);
      assert.ok(
        passed.every(({ allowed: pass, host }) => !pass || host === "httpbin.org"),
        protocol,
      );
    }
  });

  it("is told by check and explain", () => {
    const check = egress(["check", "lab"], { cwd: checkout.folder });
    assert.equal(check.exitCode, 1);
    assert.match(check.stdout, /allow\[0\]\.expires.*\n +The rule has expired/);
    const explain = egress(["explain", "lab", "test-app/app-a", "https://github.com"], { cwd: checkout.folder });
    assert.equal(explain.exitCode, 1);
    assert.match(explain.stdout, new RegExp(`allowed it until ${endText}`));
  });

  it("comes to connections that are open over https and TCP when the gateway is restarted, within 30 s of its rollout", async () => {
    const begun = Date.now() / 1000;
    const gateway = ["deployment/egress-gateway", "--namespace=istio-egress"];
    await kubectlAside("rollout", "restart", ...gateway);
    await kubectlAside("rollout", "status", ...gateway, "--timeout=240s");
    const rolled = Date.now() / 1000;
    await delay(40_000);
    await kubectlAside("exec", ...inAppA, "--", "touch", "/tmp/holding-ends");
    const last = JSON.parse(await held) as Record<string, number>;
    assert.ok(last.stopped! > rolled + 30, "whoever holds them ended before it was told to");
    for (const way of ["https", "tcp"]) {
      process.stdout.write(`      over ${way}: ended ${(last[way]! - rolled).toFixed(1)} s after the rollout\n`);
      assert.ok(last[way]! > Math.min(begun - 5, end + 5), `${way} ended before: ${JSON.stringify(last)}`);
      assert.ok(last[way]! < rolled + 30, `${way} goes on: ${JSON.stringify({ last, rolled })}`);
    }
    assert.ok(reaches(appB, ways.https));
  });
});
