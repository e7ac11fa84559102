// `egress tls` as it is called: what it prints, and how it ends; with --live a kubectl of ours in place of a cluster.
// Does not prove: that a real cluster answers so; the lab's test asks one.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { register } from "../../../cli/commands/tls";
import { soundConfig } from "../model/config/sound-config";
import { Ended, runCommand } from "./run-command";
import { cluster, dumpOf, endpoints, meshTls, plain } from "./sidecar-dump";
import { folderOnPath } from "../folder-on-path";

const svcFoo = { namespace: "istio-workload", addresses: ["10.10.0.4"], ports: { http: 80 }, via: "service" };
const hammers = { from: "istio-workload/hammer", to: "svc-foo" };

const stacks = {
  first: {
    mesh: { clientMtls: "forced" },
    outside: { "svc-foo": { ...svcFoo, clientMtls: "mesh" } },
    allow: [hammers],
  },
  second: { mesh: { clientMtls: "forced" }, outside: { "svc-foo": svcFoo }, allow: [hammers] },
  bypass: { outside: { "svc-foo": { ...svcFoo, via: "bypass" } }, allow: [hammers] },
  shop: {},
  nobody: { workloads: {}, allow: [] },
  bad: { alow: [] },
};

let folder: string;

before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-stacks-"));
  for (const [name, over] of Object.entries(stacks)) {
    const config = Object.fromEntries(
      Object.entries({ ...soundConfig(), ...over }).map(([key, value]) => [`istio-egress:${key}`, value]),
    );
    fs.writeFileSync(path.join(folder, `Pulumi.${name}.yaml`), stringify({ config }));
  }
});

after(() => fs.rmSync(folder, { recursive: true }));

function tls(...argv: string[]): Promise<Ended> {
  return runCommand(register, "tls", ...argv, "--stacks", folder);
}

describe("egress tls", () => {
  it("prints the first example's table, with what OK means beside the mesh", async () => {
    const { exitCode, stdout } = await tls("first", "svc-foo");
    assert.equal(exitCode, 0);
    assert.equal(
      stdout,
      `HOST:PORT                                    STATUS  SERVER  CLIENT  AUTHN POLICY          DESTINATION RULE
svc-foo.istio-workload.svc.cluster.local:80  OK      mTLS    mTLS    default/istio-system  default/istio-system

OK is wrong for a service beside the mesh: its callers speak mutual TLS, and no sidecar stands there to understand it.
\`clientMtls: disabled\` on the service has them speak what it understands.
`,
    );
  });

  it("prints its second table, with what CONFLICT means there, and ends with 0", async () => {
    const { exitCode, stdout } = await tls("second", "svc-foo.istio-workload.svc.cluster.local");
    assert.equal(exitCode, 0);
    assert.equal(
      stdout,
      `HOST:PORT                                    STATUS    SERVER  CLIENT  AUTHN POLICY          DESTINATION RULE
svc-foo.istio-workload.svc.cluster.local:80  CONFLICT  mTLS    HTTP    default/istio-system  svc-foo/istio-workload

CONFLICT is right for a service beside the mesh: the policy asks for mutual TLS by the service's name, but no sidecar
stands there to ask, and the service understands what its callers speak.
`,
    );
  });

  it("says of calls past the sidecar why there is nothing to say", async () => {
    const { stdout } = await tls("bypass", "svc-foo");
    assert.match(stdout, /svc-foo\.istio-workload\.svc\.cluster\.local:80 +- +- +- +- +-\n\n-: the calls go past/);
  });

  it("adds nothing where everything is as it looks", async () => {
    const { stdout } = await tls("shop");
    assert.deepEqual(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" ")[0]),
      ["HOST:PORT", "app-a.test-app.svc.cluster.local:80", "github.com:80", "github.com:443"],
    );
  });

  it("says in words that there is nothing to show", async () => {
    assert.deepEqual(await tls("nobody"), {
      exitCode: 0,
      stdout: "No workload of the stack may call anything by name.\n",
      stderr: "",
    });
  });

  it("gives the same as JSON, with the callers", async () => {
    const { exitCode, stdout } = await tls("second", "svc-foo", "--json");
    assert.equal(exitCode, 0);
    assert.deepEqual(JSON.parse(stdout), [
      {
        host: "svc-foo.istio-workload.svc.cluster.local",
        port: 80,
        status: "CONFLICT",
        server: "mTLS",
        client: "HTTP",
        authnPolicy: "default/istio-system",
        destinationRule: "svc-foo/istio-workload",
        callers: ["istio-workload/hammer"],
        seen: null,
        ok: null,
        differences: [],
      },
    ]);
  });

  it("ends with 2 for a host that nobody may call, and names those that somebody may", async () => {
    for (const [host, says] of [
      [
        "svc-fo",
        /may call "svc-fo" by name\.\nHosts: app-a\.test-app.*, svc-foo\.istio-workload.*\.\nFix: did you mean "svc-foo"\?\n$/,
      ],
      ["httpbin.org", /may call "httpbin\.org" by name\.\nHosts: [^\n]+\n$/],
    ] as const) {
      const { exitCode, stdout, stderr } = await tls("second", host);
      assert.deepEqual([exitCode, stdout], [2, ""]);
      assert.match(stderr, says);
    }
    assert.match((await tls("nobody", "github.com")).stderr, /Hosts: none may be called\.\n/);
  });

  it("ends with 2 for a stack that is not there, and with 1 for one that is not sound", async () => {
    assert.equal((await tls("nope")).exitCode, 2);
    const { exitCode, stderr } = await tls("bad");
    assert.equal(exitCode, 1);
    assert.match(stderr, /istio-egress:alow/);
  });
});

describe("egress tls --live", () => {
  const bin = folderOnPath();

  interface Answers {
    policies?: unknown[];
    /** By `namespace/workload`; a workload that is not named has no ready pod. */
    dumps: Record<string, unknown>;
  }

  /** Puts a kubectl on PATH that answers so, and notes what it was called with. */
  function kubectl({ policies = [strict("default", "istio-system")], dumps }: Answers): void {
    const answers = Object.fromEntries(
      Object.entries(dumps).flatMap(([workload, dump]) => {
        const [namespace, name] = workload.split("/") as [string, string];
        const pod = { metadata: { name }, status: { conditions: [{ type: "Ready", status: "True" }] } };
        return [
          [`pods-${namespace}-${name}`, { items: [pod] }],
          [`dump-${namespace}-${name}`, dump],
        ];
      }),
    );
    for (const [name, answer] of Object.entries({ policies: { items: policies }, ...answers })) {
      fs.writeFileSync(path.join(bin(), name), JSON.stringify(answer));
    }
    const script = `#!/bin/sh
echo "$@" >> "${bin()}/calls"
case "$1 $2" in
  "get peerauthentications.security.istio.io") exec cat "${bin()}/policies" ;;
  "get pods") cat "${bin()}/pods-$4-\${6#app=}" 2>/dev/null || echo '{"items": []}' ;;
  "exec --namespace") exec cat "${bin()}/dump-$3-$4" ;;
  *) exit 1 ;;
esac
`;
    fs.writeFileSync(path.join(bin(), "kubectl"), script, { mode: 0o755 });
  }

  const strict = (name: string, namespace: string, mode = "STRICT") => ({
    metadata: { name, namespace, creationTimestamp: "2026-11-22T00:00:00Z" },
    spec: { mtls: { mode } },
  });

  const byRule = (name: string, namespace: string) => {
    const config = `/apis/networking.istio.io/v1alpha3/namespaces/${namespace}/destination-rule/${name}`;
    return { metadata: { filter_metadata: { istio: { config } } } };
  };

  const appA = "outbound|80||app-a.test-app.svc.cluster.local";
  const auto = [
    { match: { tlsMode: "istio" }, transport_socket: meshTls },
    { match: {}, transport_socket: plain },
  ];
  const toApp = cluster(appA, { transport_socket_matches: auto });
  const toGithub = [80, 443].map((port) =>
    cluster(`outbound|${port}||github.com`, { transport_socket: meshTls, ...byRule("github.com", "istio-egress") }),
  );

  it("agrees where the mesh has what is planned, asking one sidecar of those that know a name", async () => {
    kubectl({
      dumps: {
        "istio-workload/hammer": dumpOf([toApp], [endpoints(appA, "istio")]),
        "test-app/app-a": dumpOf([toApp, ...toGithub], [endpoints(appA, "istio")]),
      },
    });
    const { exitCode, stdout } = await tls("shop", "--live");
    assert.equal(exitCode, 0);
    assert.equal(
      stdout,
      `HOST:PORT                            STATUS  SERVER  CLIENT  AUTHN POLICY          DESTINATION RULE
app-a.test-app.svc.cluster.local:80  ✔ OK    mTLS    mTLS    default/istio-system  -
github.com:80                        ✔ OK    mTLS    mTLS    default/istio-system  github.com/istio-egress
github.com:443                       ✔ OK    mTLS    mTLS    default/istio-system  github.com/istio-egress

3 rows: the mesh agrees with the plan on every one.
`,
    );
    const calls = fs.readFileSync(path.join(bin(), "calls"), "utf8").trimEnd().split("\n");
    assert.deepEqual(
      calls.filter((call) => call.startsWith("exec")).map((call) => call.split(" ").slice(2, 4)),
      [
        ["istio-workload", "hammer"],
        ["test-app", "app-a"],
      ],
    );
    assert.ok(
      calls.some((call) => /--container istio-proxy -- pilot-agent request GET config_dump\?include_eds&/.test(call)),
    );
  });

  it("asks another caller where the first has no ready pod", async () => {
    kubectl({ dumps: { "test-app/app-a": dumpOf([toApp, ...toGithub], [endpoints(appA, "istio")]) } });
    assert.equal((await tls("shop", "--live")).exitCode, 0);
  });

  it("marks what is otherwise in the mesh, says how, and ends with 1", async () => {
    const policies = [strict("default", "istio-system"), strict("soft", "test-app", "PERMISSIVE")];
    const [http] = toGithub;
    const dump = dumpOf(
      [toApp, { ...http!, ...{ transport_socket: plain }, ...byRule("mine", "test-app") }],
      [endpoints(appA, undefined)],
    );
    kubectl({ policies, dumps: { "test-app/app-a": dump } });
    const { exitCode, stdout } = await tls("shop", "--live");
    assert.equal(exitCode, 1);
    assert.equal(
      stdout,
      `HOST:PORT                            STATUS      SERVER     CLIENT  AUTHN POLICY          DESTINATION RULE
app-a.test-app.svc.cluster.local:80  ✘ OK        HTTP/mTLS  HTTP    soft/test-app         -
github.com:80                        ✘ CONFLICT  mTLS       HTTP    default/istio-system  mine/test-app
github.com:443                       ✘ -         mTLS       -       default/istio-system  -

✘ app-a.test-app.svc.cluster.local:80  SERVER: mTLS by the plan, HTTP/mTLS on the cluster
✘ app-a.test-app.svc.cluster.local:80  AUTHN POLICY: default/istio-system by the plan, soft/test-app on the cluster
✘ app-a.test-app.svc.cluster.local:80  CLIENT: mTLS by the plan, HTTP in the sidecar of test-app/app-a
✘ github.com:80  CLIENT: mTLS by the plan, HTTP in the sidecar of test-app/app-a
✘ github.com:80  DESTINATION RULE: github.com/istio-egress by the plan, mine/test-app in the sidecar of test-app/app-a
✘ github.com:443  CLIENT: mTLS by the plan, but the sidecar of test-app/app-a does not know the name

3 rows: the mesh disagrees with the plan on 3, marked ✘.
`,
    );
  });

  it("gives plan, mesh and differences as JSON", async () => {
    kubectl({ dumps: { "test-app/app-a": dumpOf([toApp], [endpoints(appA, "istio", undefined)]) } });
    const { exitCode, stdout } = await tls("shop", "app-a", "--live", "--json");
    assert.equal(exitCode, 1);
    const sides = { server: "mTLS", authnPolicy: "default/istio-system", destinationRule: null };
    assert.deepEqual(JSON.parse(stdout), [
      {
        host: "app-a.test-app.svc.cluster.local",
        port: 80,
        status: "OK",
        client: "mTLS",
        ...sides,
        callers: ["istio-workload/hammer", "test-app/app-a"],
        seen: { from: "test-app/app-a", status: null, client: null, ...sides },
        ok: false,
        differences: ["CLIENT: mTLS by the plan, but the sidecar of test-app/app-a speaks HTTP and mTLS, by endpoint"],
      },
    ]);
  });

  it("agrees that a sidecar knows nothing of what goes past it, and only when one was asked", async () => {
    kubectl({ dumps: { "istio-workload/hammer": dumpOf([]) } });
    assert.equal((await tls("bypass", "svc-foo", "--live")).exitCode, 0);
    const known = cluster("outbound|80||svc-foo.istio-workload.svc.cluster.local");
    kubectl({ dumps: { "istio-workload/hammer": dumpOf([known]) } });
    const told = await tls("bypass", "svc-foo", "--live");
    assert.equal(told.exitCode, 1);
    assert.match(told.stdout, /CLIENT: - by the plan, HTTP in the sidecar of istio-workload\/hammer\n/);
    fs.rmSync(path.join(bin(), "pods-istio-workload-hammer"));
    const silent = await tls("bypass", "svc-foo", "--live");
    assert.equal(silent.exitCode, 1);
    assert.match(silent.stdout, /no sidecar to ask: no pod is ready of istio-workload\/hammer\n/);
  });

  it("says in one sentence that the cluster cannot be asked, and ends with 1", async () => {
    fs.writeFileSync(path.join(bin(), "kubectl"), "#!/bin/sh\necho 'no route to host' >&2; exit 1\n", { mode: 0o755 });
    assert.deepEqual(await tls("shop", "--live"), {
      exitCode: 1,
      stdout: "",
      stderr: "kubectl cannot list the PeerAuthentications: no route to host\n",
    });
  });
});
