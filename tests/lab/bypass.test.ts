// The ways around the guard, each tried for real with every layer on, and again without each layer that can be taken away;
// each beside a twin that is allowed on the same way; in time, too; and on what others do in place of a guard, as far as it
// applies. What is seen is held to docs/bypass.json, which documents are made of.
// Pods have IPv6 addresses here that neither Kubernetes nor the mesh knows of.
// Does not prove: what needs a node's kernel, another CNI, a mesh that speaks IPv6, or a cloud's metadata server; the lab has
// none of these.
import assert from "node:assert/strict";
import { attacks } from "./admission/attacks";
import { changes, makeOwnObjects } from "./admission/changes";
import { overInjected } from "./admission/injected";
import { ordinary } from "./admission/ordinary";
import { admitTenant, as, dismissTenant, Outcome as Said, tenant, tryAll } from "./admission/tenant";
import { admissionGroup } from "./bypass/admission-group";
import { Deployed, deployed, named, tryDeployed } from "./bypass/deployed";
import { heldResults, holdResults, update } from "./bypass/documents";
import { startOther } from "./bypass/elsewhere/site";
import { isLeak, isThrough } from "./bypass/judge";
import { without } from "./bypass/layers";
import { isOpen, Other, others, Row } from "./bypass/results";
import { Site, tryProbes } from "./bypass/run-probes";
import { drain, GuardedStack, startGuardedStack } from "./bypass/stack";
import { First, longestOpen, soon, tryFirstMoments, tryOutliving } from "./bypass/time";
import { Outcome, Removable } from "./bypass/vector";
import { networkVectors } from "./bypass/vectors";
import { egress, kubectl } from "./support/commands";
import { until } from "./support/until";

/** Layers whose absence packets can tell of. */
const underTest = ["sidecar", "network", "policy"] as const;
const deleted = {
  sidecar: "Sidecar",
  network: "NetworkPolicy",
  policy: "AuthorizationPolicy",
  admission: "ValidatingAdmissionPolicyBinding",
} as const;
type Deletable = keyof typeof deleted;

const kept = new Map(heldResults().map((row) => [`${row.group} ${row.tries}`, row]));
const placeOf = ({ tries, from }: (typeof networkVectors)[number]): string => `${tries} (${from})`;

/** What is kept of a vector; of one that is new, or where results are kept anew, anything may be. */
function isKept(index: number, test: (row: Row) => boolean): boolean {
  const vector = networkVectors[index]!;
  return isKeptOf(`${vector.group} ${placeOf(vector)}`, test);
}

function isKeptOf(name: string, test: (row: Row) => boolean): boolean {
  const row = kept.get(name);
  return update || row === undefined || test(row);
}

/** Whether a twin passes while no istiod runs: its own ports are gone with it. */
function goesOnWithoutIstiod(index: number): boolean {
  return !JSON.stringify(networkVectors[index]!.twin).includes("@istiod");
}

/** What a tenant makes. */
const made = [...attacks, ...overInjected];

/** Of the changes those that are about no pod of the tenant's, as none runs here; admission.test.ts has all. */
const tried = changes.filter(({ refused }) => !refused.includes("POD"));

/** What came of the vectors and of their twins. */
interface Tried {
  seen: Outcome[];
  twins: Outcome[];
}

describe("ways around the guard", function () {
  this.timeout(900_000);
  let failures = 0;
  let stack: GuardedStack;
  let guarded: Tried;
  let withoutControlPlane: Tried;
  const missed = {} as Record<Removable, Outcome[]>;
  const elsewhere = {} as Record<Other, Tried>;
  /** The objects that the doctor has findings about, without a layer and with all of them. */
  const doctor = {} as Record<Deletable | "nothing", string[]>;
  let refused: Said[];
  let allowed: Said[];
  let changesSaid: Record<"refused" | "allowed", Said>[];
  let ordinarySaid: Said[];
  let deployedSaid: Said[];
  let deployedSeen: Outcome[];
  let first: Awaited<ReturnType<typeof tryFirstMoments>>;
  let outlived: Awaited<ReturnType<typeof tryOutliving>>;

  const examine = (): string[] => {
    const { exitCode, stdout } = egress(["doctor", "lab", "--json"], { cwd: stack.folder });
    const { findings } = JSON.parse(stdout) as { findings: { object: string }[] };
    assert.equal(exitCode, findings.length > 0 ? 1 : 0);
    return findings.map(({ object }) => object);
  };
  /** What is tried where, for one column of the results. */
  const tryNetwork = (keptThrough: (row: Row) => boolean, site: Site = stack) =>
    tryProbes(site, networkVectors, (index, outcome) => {
      const { from, probe } = networkVectors[index]!;
      return isLeak(from, probe, outcome) || !isKept(index, keptThrough);
    });
  const tryTwins = (hasToPass: (index: number) => boolean, site: Site = stack) =>
    tryProbes(
      site,
      networkVectors.map(({ from, twin, twinFrom = from }) => ({ from: twinFrom, probe: twin })),
      (index, outcome) => isThrough(networkVectors[index]!.twin, outcome) || !hasToPass(index),
    );
  const tryGuarded = async (hasToPass: (index: number) => boolean): Promise<Tried> => ({
    seen: await tryNetwork(isOpen),
    twins: await tryTwins(hasToPass),
  });
  const tryElsewhere = async (other: Other, site: Site): Promise<Tried> => ({
    seen: await tryNetwork(({ elsewhere: there }) => there?.[other] === true, site),
    // What gets through needs no twin to be believed.
    twins: await tryTwins((index) => isKept(index, ({ elsewhere: there }) => there?.[other] === false), site),
  });

  before(async () => {
    stack = startGuardedStack();
    admitTenant();
    makeOwnObjects();
    guarded = await tryGuarded(() => true);
    const sayAll = (objects: Parameters<typeof tryAll>[1]) => tryAll(tenant, objects);
    refused = sayAll(made.map((attack) => attack.refused));
    allowed = sayAll(made.map((attack) => attack.allowed));
    changesSaid = tried.map((each) => ({ refused: as(tenant, each.refused), allowed: as(tenant, each.allowed) }));
    ordinarySaid = sayAll(ordinary.map(([, object]) => object));
    deployedSaid = sayAll(deployed.map((each, index) => named(each.refused, index)));
    for (const layer of underTest) {
      missed[layer] = await without(stack, layer, async () => {
        doctor[layer] = examine();
        return tryNetwork(({ without: away }) => away?.[layer] === true);
      });
    }
    await without(stack, "admission", async () => {
      doctor.admission = examine();
      deployedSeen = await tryDeployed(stack, (index, outcome) => {
        const { group, tries, probe } = deployed[index]!;
        const away = isKeptOf(`${group} ${tries}, for real`, ({ without: by }) => by?.admission === true);
        return gotOut(probe, outcome) || !away;
      });
      first = await tryFirstMoments();
    });
    withoutControlPlane = await withoutIstiod(() => tryGuarded(goesOnWithoutIstiod));
    for (const other of Object.keys(others) as Other[]) {
      const site = await startOther(other, stack);
      try {
        elsewhere[other] = await tryElsewhere(other, site);
      } finally {
        site.remove();
      }
    }
    doctor.nothing = examine();
    outlived = await tryOutliving(stack);
  });

  afterEach(function () {
    failures += this.currentTest?.state === "failed" ? 1 : 0;
  });

  after(() => {
    dismissTenant();
    stack?.putBack();
  });

  networkVectors.forEach((vector, index) => {
    const { group, from, tries, open } = vector;
    const title = `${group}, ${from}: ${tries}`;
    it(`${title}: ${open === undefined ? "gets nothing" : "is let pass, as is known"}, and its twin passes`, () => {
      const [outcome, twin] = [guarded.seen[index]!, guarded.twins[index]!];
      assert.doesNotMatch(outcome.answer, /^(failed|curl)/, "the probe itself does not work");
      assert.equal(isLeak(from, vector.probe, outcome), false, JSON.stringify(outcome));
      assert.ok(isThrough(vector.twin, twin), `the twin: ${JSON.stringify(twin)}`);
      if (open !== undefined) {
        assert.ok(isThrough(vector.probe, outcome), JSON.stringify(outcome));
      }
    });
  });

  const isRefused = (said: Said, rule: string) => {
    assert.equal(said.passed, false);
    assert.match((said as { said: string }).said, new RegExp(`denied request: (${rule}): `));
  };

  made.forEach(({ what, rule }, index) => {
    it(`a tenant's ${what} is refused (${rule}), and its twin is not`, () => {
      isRefused(refused[index]!, rule);
      const twin = allowed[index]!;
      assert.ok(twin.passed, (twin as { said: string }).said);
    });
  });

  tried.forEach(({ tries, rule }, index) => {
    it(`a tenant tries ${tries}: refused (${rule}), and its twin is not`, () => {
      const { refused: said, allowed: twin } = changesSaid[index]!;
      isRefused(said, rule);
      assert.ok(twin.passed, (twin as { said: string }).said);
    });
  });

  deployed.forEach(({ tries, rule }, index) => {
    it(`a tenant's ${tries} is refused (${rule}), and was made for real without admission`, () => {
      isRefused(deployedSaid[index]!, rule);
      assert.doesNotMatch(deployedSeen[index]!.answer, /^(failed|curl)/);
    });
  });

  it("twenty ordinary manifests and more are refused by nothing", () => {
    assert.ok(ordinary.length >= 20);
    const said = ordinarySaid.flatMap((each, index) => (each.passed ? [] : [`${ordinary[index]![0]}: ${each.said}`]));
    assert.deepEqual(said, []);
  });

  describe("in time", () => {
    const none = ({ tried, answered }: First) => {
      assert.ok(tried > 5, `${tried} tries`);
      assert.equal(answered, 0);
    };

    it("a pod's first moments are guarded as all others, and its probe works where nobody guards", () => {
      none(first.bare);
      none(first.init);
      assert.ok(first.free.answered > 0, JSON.stringify(first.free));
    });

    it("without istiod nothing more gets through, and what is granted goes on", () => {
      const leaks = networkVectors.filter(({ from, probe }, index) =>
        isLeak(from, probe, withoutControlPlane.seen[index]!),
      );
      assert.deepEqual(leaks, []);
      const failed = networkVectors.filter(
        ({ twin }, index) => goesOnWithoutIstiod(index) && !isThrough(twin, withoutControlPlane.twins[index]!),
      );
      assert.deepEqual(failed, []);
    });

    for (const how of ["sidecar", "straight"] as const) {
      const title = how === "sidecar" ? "through its sidecar" : "straight to the gateway";

      it(`a pod that outlives its rule is refused new calls ${title}, and another rule's go on`, () => {
        const { http, https, tcp, kept } = outlived[how].fresh;
        assert.equal(kept, undefined);
        for (const seconds of [http, https, tcp]) {
          assert.ok(seconds !== undefined && seconds < soon, JSON.stringify(outlived[how]));
        }
      });

      it(`connections ${title} that were open when it went end within the stated time, http's at once`, () => {
        const { http, https, tcp } = outlived[how].open;
        assert.ok(http !== undefined && http < soon, JSON.stringify(outlived[how]));
        for (const seconds of [https, tcp]) {
          assert.ok(seconds !== undefined && seconds <= longestOpen, JSON.stringify(outlived[how]));
        }
      });
    }

    for (const [layer, kind] of Object.entries(deleted) as [Deletable, string][]) {
      it(`egress doctor finds that each ${kind} was deleted by hand, and none when they are back`, () => {
        const of = (objects: string[]) => objects.filter((object) => object.startsWith(`${kind} `));
        assert.ok(of(doctor[layer]).length > 0, doctor[layer].join("; "));
        assert.deepEqual(of(doctor.nothing), []);
      });
    }
  });

  it("the same vectors tell the others' ways from none: what their rules grant passes there, and more", () => {
    for (const other of Object.keys(others) as Other[]) {
      const { seen, twins } = elsewhere[other];
      const applied = networkVectors.flatMap(({ from, probe, twin }, index) =>
        isThrough(twin, twins[index]!) ? [isLeak(from, probe, seen[index]!)] : [],
      );
      assert.ok(applied.length > 40, `${other}: ${applied.length}`);
      assert.ok(applied.some((leaks) => !leaks));
      assert.ok(applied.some((leaks) => leaks));
    }
  });

  it("every probe and every twin is one of its own", () => {
    const names = networkVectors.map(({ group, from, tries }) => `${group} ${from} ${tries}`);
    assert.equal(new Set(names).size, names.length);
    assert.ok(networkVectors.length + made.length >= 100);
  });

  // Behind all others, which run before those of an inner suite.
  describe("all of it", () => {
    it("is what docs/bypass.json says, and what documents are made of", async () => {
      assert.equal(failures, 0, "what fails above is nothing to keep");
      await holdResults([...byPackets(), ...byObjects(), ...inTime()]);
    });
  });

  function byPackets(): Row[] {
    return networkVectors.map((vector, index): Row => {
      const { group, from, layer, open, probe, twin } = vector;
      const there = (Object.keys(others) as Other[]).flatMap((other) => {
        const { seen, twins } = elsewhere[other];
        const leaks = isLeak(from, probe, seen[index]!);
        // What gets through needs no twin to be believed.
        return leaks || isThrough(twin, twins[index]!) ? [[other, leaks] as const] : [];
      });
      return {
        group,
        tries: placeOf(vector),
        stoppedBy: open === undefined ? layer : `open: ${open}`,
        answer: guarded.seen[index]!.answer,
        without: Object.fromEntries(underTest.map((away) => [away, isLeak(from, probe, missed[away][index]!)])),
        ...(there.length === 0 ? {} : { elsewhere: Object.fromEntries(there) }),
      };
    });
  }

  function byObjects(): Row[] {
    const refusedRow = (what: string, rule: string): Row => ({
      group: admissionGroup(rule),
      tries: what,
      stoppedBy: `admission: ${rule.split("|")[0]!}`,
      answer: "refused by the API server",
    });
    return [
      ...made.map(({ what, rule }) => refusedRow(what, rule)),
      ...tried.map(({ tries, rule }) => refusedRow(tries, rule)),
      ...deployed.map(({ tries, rule, group, probe }, index): Row => ({
        ...refusedRow(`${tries}, for real`, rule),
        group,
        without: { admission: gotOut(probe, deployedSeen[index]!) },
      })),
    ];
  }

  function inTime(): Row[] {
    const row = (tries: string, stoppedBy: Row["stoppedBy"], answer: string): Row => ({
      ...{ group: "time", tries, stoppedBy, answer },
    });
    const ended = (how: keyof typeof outlived, way: "https" | "tcp") =>
      `ended ${outlived[how].open[way]} s later, with a drain of ${drain} s`;
    return [
      row("a pod's first six seconds, without a sidecar", "network", "no answer"),
      row("the first six seconds of an ordinary pod's init container", "sidecar", "no answer"),
      row("new calls of a pod that outlives its rule, http", "sidecar", "refused"),
      row("new calls of a pod that outlives its rule, https", "sidecar", "refused"),
      row("new calls of a pod that outlives its rule, over CONNECT", "sidecar", "refused"),
      row("a connection that is open when its rule goes: the next request over http", "sidecar", "refused"),
      ...(["https", "tcp"] as const).flatMap((way) => {
        const open = `a connection that is open when its rule goes: ${way === "tcp" ? "over CONNECT" : way}`;
        return [
          row(open, "drain", ended("sidecar", way)),
          row(`${open}, straight to the gateway with a stolen certificate`, "drain", ended("straight", way)),
        ];
      }),
      row(`all ${networkVectors.length} attempts by packets while istiod is down`, "network", "as with it"),
      ...Object.values(deleted).map((kind) => row(`each ${kind} deleted by hand`, "doctor", "named by it")),
    ];
  }
});

/** Whether what was made for real got out: by its pod's call, or the node's. */
function gotOut(probe: Deployed["probe"], outcome: Outcome): boolean {
  return outcome.arrived.length > 0 || (probe !== undefined && isThrough(probe, outcome));
}

/** Does something while no istiod runs, and waits until one does again. */
async function withoutIstiod<T>(act: () => Promise<T>): Promise<T> {
  const inSystem = "--namespace=istio-system";
  kubectl("scale", "deployment/istiod", inSystem, "--replicas=0");
  try {
    kubectl("wait", "pods", inSystem, "--selector=app=istiod", "--for=delete", "--timeout=240s");
    return await act();
  } finally {
    kubectl("scale", "deployment/istiod", inSystem, "--replicas=1");
    kubectl("rollout", "status", "deployment/istiod", inSystem, "--timeout=240s");
    await until("istiod's webhooks answer", 120, () => {
      const ready = kubectl("get", "endpoints", "istiod", inSystem, "--output=jsonpath={.subsets[*].addresses[*].ip}");
      return ready !== "";
    });
  }
}
