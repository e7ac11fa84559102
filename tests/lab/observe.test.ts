// From watching to enforcing: a namespace and a workload are observed, what they call is learnt, written, and enforced.
// Does not prove: months of traffic, and that an observer's pods keep up with any load; tests/lab/demo.test.ts is of gateways.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as path from "node:path";
import { editStackDocument, scratchCheckout } from "./support/checkout";
import { egress } from "./support/commands";
import { Decision, loggedDecisions } from "./support/decisions";
import { underLoad } from "./support/load";
import { workloadCells } from "./support/matrix";
import { apply, putBack } from "./support/pulumi";
import { appA, appB, Caller, curl, execIn, hammer, seenOutside } from "./support/requests";
import { startThief, Thief } from "./support/thief";
import { until } from "./support/until";

/** Nine hosts, one of them by a name that changes, over http and https. */
const changing = `x${randomBytes(4).toString("hex")}.bulk.example`;
const called = [
  ...["http://github.com", "https://github.com", "http://httpbin.org", "https://httpbin.org", "http://google.com"],
  ...["https://www.google.com", "https://www.example.com", "https://db.partner.example", "http://db.other.example"],
  ...["https://mail.partner.example", `https://${changing}`],
];
const mail = "203.0.113.32";

/** The banner of a mail server, which speaks first. */
const greeting = `
import socket
with socket.create_connection(("mail.partner.example", 587), 15) as wire:
    wire.settimeout(15)
    print(wire.recv(4096).decode().strip())
`;

describe("mode: observe", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  const stacks = path.join(checkout.folder, "stacks");
  const mark = `/observe-${randomBytes(4).toString("hex")}`;
  const thieves: Thief[] = [];
  let begin: number;

  const since = () => `--since=${Math.ceil((Date.now() - begin) / 1000)}s`;

  function decisions(): Decision[] {
    const all = loggedDecisions(["--since", "10m"], checkout.folder);
    return all.filter(({ time }) => time >= new Date(begin).toISOString());
  }

  /** Whether curl got an answer of the host's own: through a refusal there is none, or the sidecar's 502. */
  const answers = (caller: Caller, url: string) => [200, 301].includes(curl(caller, `${url}${mark}`).status);

  /** Applies a change while a workload goes on with what it is granted, and gives how many calls it made and lost. */
  const whileGranted = (change: () => void) =>
    underLoad({ caller: appB, urls: ["http://www.google.com", "https://www.google.com"] }, change);

  before(() => {
    begin = Date.now();
  });

  after(() => putBack({ checkout, pristine }, thieves));

  it("begins while a workload makes the calls that it is granted, and loses none of them", async () => {
    editStackDocument(checkout.folder, "lab", (set) => {
      set(["namespaces", "istio-workload", "mode"], "observe");
      set(["workloads", "app-b", "mode"], "observe");
    });
    assert.match(
      egress(["check", "lab", "--stacks", stacks]).stdout,
      /istio-workload\/\*, test-app\/app-b: observed, and refused nothing/,
    );
    const { made, failed } = await whileGranted(() => apply("up", checkout.folder));
    assert.equal(failed, 0, `${failed} of ${made} failed`);
    assert.ok(made > 20, `${made} calls only`);
    await until(
      "what is not granted passes",
      90,
      () => answers(hammer, "https://github.com") && answers(appB, "http://github.com"),
    );
  });

  it("refuses nothing to a namespace that is observed, by name and by port, whoever speaks first", async () => {
    for (const url of called) {
      await until(`${url} passes`, 90, () => answers(hammer, url));
    }
    const greeted = () => execIn(hammer, "python3", "-c", greeting).stdout.trim();
    await until("the mail server greets", 90, () => greeted() === "220 mail.partner.example:587 ready");
    assert.equal(seenOutside(mark).filter(({ host }) => host.includes("bulk")).length, 1);
  });

  it("logs each of these calls, with identity, name and port, as one that would be denied", async () => {
    const missing = () => {
      const seen = new Set(
        decisions()
          .filter(
            ({ at, from, wouldBeDenied, ok }) =>
              at === "observer" && from === "istio-workload/hammer" && wouldBeDenied && ok,
          )
          .map(({ protocol, host }) => `${protocol}://${host}`),
      );
      return [...called, `tcp://${mail}:587`].filter((url) => !seen.has(url));
    };
    await until("all of them are logged", 90, () => missing().length === 0);
    assert.match(
      egress(["logs", "lab", "--since", "10m", "--denied"], { cwd: checkout.folder }).stdout,
      /istio-workload\/hammer +https:\/\/www\.example\.com +✔ would deny .*\n +no destination has this host/,
    );
  });

  it("still refuses what leads inside, at once, and says so", async () => {
    for (const url of ["https://10.96.0.1", "http://169.254.169.254"]) {
      assert.ok(!answers(hammer, url), url);
    }
    await until("both are logged", 90, () => {
      const refused = decisions().filter(({ at, allowed, ok }) => at === "observer" && !allowed && ok);
      return ["10.96.0.1:443", "169.254.169.254:80"].every((host) => refused.some((each) => each.host === host));
    });
  });

  it("leaves granted hosts on their own way, and a workload that is enforced as strict as ever", () => {
    const granted = decisions().filter(({ from, host }) => from === "test-app/app-b" && host === "www.google.com");
    assert.ok(granted.length > 0);
    assert.ok(granted.every(({ at, wouldBeDenied }) => at === "gateway" && wouldBeDenied === undefined));
    assert.equal(curl(appA, `http://www.example.com${mark}`).status, 502);
    assert.ok(!answers(appA, "https://www.example.com"));
    assert.ok(answers(appA, "https://httpbin.org"));
  });

  it("takes no certificate of a workload that is enforced, not even to greet it", () => {
    const [strict, observed] = [startThief("thief-a", "app-a"), startThief("thief-b", "app-b")];
    thieves.push(strict, observed);
    assert.equal(strict.observed(mail, 587), "");
    // The twin, on the same way.
    assert.equal(observed.observed(mail, 587), "220 mail.partner.example:587 ready");
    thieves.splice(0).forEach((thief) => thief.remove());
  });

  it("is told by explain, the matrix and the mesh alike", () => {
    const { exitCode, stdout } = egress([
      "explain",
      "lab",
      "istio-workload/hammer",
      "https://www.example.com",
      "--stacks",
      stacks,
    ]);
    assert.equal(exitCode, 1);
    assert.match(stdout, /would be denied: .*is observed: the call passes/);
    const live = egress(["matrix", "lab", "--live", "--json", "--stacks", stacks]);
    const cells = workloadCells<{ from: string; expected: string; ok: boolean }>(live.stdout);
    assert.deepEqual(
      cells.filter(({ ok }) => !ok),
      [],
    );
    assert.ok(cells.some(({ from, expected }) => from === "istio-workload/hammer" && expected === "observe"));
    assert.ok(cells.some(({ from, expected }) => from === "test-app/app-a" && expected === "deny"));
  });

  it("is learnt from, enforced by one word, and breaks none of these calls, nor one that was granted before", async () => {
    const learnt = egress(["learn", "lab", since(), "--write", "--owner", "team-w", "--stacks", stacks]);
    assert.equal(learnt.exitCode, 0, learnt.stderr);
    editStackDocument(checkout.folder, "lab", (set) => {
      set(["namespaces", "istio-workload", "mode"], "enforce");
      set(["workloads", "app-b", "mode"], "enforce");
    });
    assert.equal(egress(["check", "lab", "--stacks", stacks]).exitCode, 0);
    const { made, failed } = await whileGranted(() => apply("up", checkout.folder));
    assert.equal(failed, 0, `${failed} of ${made} failed`);
    assert.ok(made > 20, `${made} calls only`);
    for (const url of called) {
      await until(`${url} is granted`, 90, () => answers(hammer, url));
    }
  });

  it("then refuses a tenth host, which is found in the logs", async () => {
    await until("it is refused", 30, () => curl(hammer, `http://evil.bulk.example${mark}`).status === 502);
    await until("it is logged", 90, () =>
      decisions().some(
        ({ at, from, host, allowed, ok }) =>
          at === "sidecar" && from === "istio-workload/hammer" && host === "evil.bulk.example" && !allowed && ok,
      ),
    );
  });

  it("refuses other ports of hosts that are granted by name and port, and explain, check and the matrix say so", async () => {
    const [database, other] = ["https://db.partner.example", "https://www.example.com"];
    editStackDocument(checkout.folder, "lab", (set) => {
      set(["workloads", "app-b", "mode"], "observe");
      set(["destinations"], {
        google: { hosts: ["google.com", "www.google.com"] },
        database: { hosts: ["db.partner.example"], ports: ["5432/tcp"] },
        examples: { hosts: ["www.example.com"] },
      });
      const rule = { from: "test-app/app-b", owner: "team-b", reason: "a test" };
      set(
        ["allow"],
        [
          { ...rule, to: "google" },
          { ...rule, to: "database" },
        ],
      );
    });
    const warned = egress(["check", "lab", "--stacks", stacks]);
    assert.equal(warned.exitCode, 0);
    assert.match(
      warned.stdout,
      /Warning: .*still refused other ports of hosts that it is granted.*db\.partner\.example/,
    );
    apply("up", checkout.folder);
    const wrong = () => {
      const { stdout } = egress(["matrix", "lab", "--live", "--json", "--from", "test-app/app-b", "--stacks", stacks]);
      const cells = workloadCells<{ url: string; expected: string; ok: boolean }>(stdout);
      assert.ok(cells.some(({ url, expected }) => url === "tcp://db.partner.example:5432" && expected === "allow"));
      assert.ok(cells.some(({ url, expected }) => url.startsWith(database) && expected === "deny"));
      assert.ok(cells.some(({ url, expected }) => url.startsWith(other) && expected === "observe"));
      return cells.filter(({ ok }) => !ok);
    };
    await until("the mesh does what the matrix says", 90, () => wrong().length === 0);
    assert.ok(!answers(appB, database));
    assert.ok(answers(appB, other));
    const explained = egress(["explain", "lab", "test-app/app-b", database, "--stacks", stacks]);
    assert.equal(explained.exitCode, 1);
    assert.match(explained.stdout, /other ports of hosts that it is granted are refused all the same/);
  });
});
