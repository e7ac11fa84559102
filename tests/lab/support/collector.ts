import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { labCommand } from "../../../lab/shell";
import { network } from "../../../lab/topology";
import { apply, kubectl, repository } from "./commands";
import { LogRecord } from "./otlp-server";
import { until } from "./until";

/** A collector in the lab: a Service and pod that hand connections on to a server of OTLP on the node. */
export interface Collector {
  /** Full name of its Service, whose port is 4317. */
  service: string;
  /** What it was sent so far. */
  records: () => LogRecord[];
  /** Address of its pod, which also listens on `otherPort`. */
  address: () => string;
  /** Its pod goes, and comes again. */
  stop: () => void;
  start: () => void;
  remove: () => void;
}

export const podPort = 14317;
export const otherPort = 14318;
const nodePort = 14390;

// Pods have no gRPC of their own here.
const relay = `
import socket, sys, threading
def pipe(one, other):
    try:
        while True:
            data = one.recv(65536)
            if not data:
                break
            other.sendall(data)
    except OSError:
        pass
    for each in (one, other):
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
def serve(port):
    server = socket.create_server(("0.0.0.0", port))
    while True:
        caller, _ = server.accept()
        try:
            onward = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
        except OSError:
            caller.close()
            continue
        onward.settimeout(None)
        for ends in ((caller, onward), (onward, caller)):
            threading.Thread(target=pipe, args=ends, daemon=True).start()
threading.Thread(target=serve, args=(${otherPort},), daemon=True).start()
serve(${podPort})
`;

/** @param namespace one that is there, and not guarded */
export async function startCollector(namespace: string): Promise<Collector> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-collector-"));
  const file = path.join(folder, "records");
  fs.writeFileSync(file, "");
  const script = path.join(repository, "tests", "lab", "support", "otlp-server.ts");
  const { argv, env } = labCommand(["node", "--require=ts-node/register/transpile-only", script, file, `${nodePort}`]);
  const server = spawn(argv[0]!, argv.slice(1), { cwd: repository, env, stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((listening, failed) => {
    server.stdout.once("data", () => listening());
    server.once("exit", (code) => failed(new Error(`the collector ended with ${code}`)));
  });
  const labels = { app: "otel-collector" };
  apply({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "otel-collector", namespace },
    spec: { selector: labels, ports: [{ name: "otlp-grpc", port: 4317, targetPort: podPort }] },
  });
  const start = () => {
    const command = ["python3", "-c", relay, network.lab.address, `${nodePort}`];
    apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "otel-collector", namespace, labels },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: "relay",
            image: "lab.istio-egress.local/workload:1",
            imagePullPolicy: "IfNotPresent",
            command,
            readinessProbe: { tcpSocket: { port: podPort }, periodSeconds: 1 },
          },
        ],
      },
    });
    kubectl("wait", `--namespace=${namespace}`, "--for=condition=Ready", "pod/otel-collector", "--timeout=240s");
  };
  start();
  return {
    service: `otel-collector.${namespace}.svc.cluster.local`,
    records: () =>
      fs
        .readFileSync(file, "utf8")
        .split("\n")
        // The last line may be half written.
        .slice(0, -1)
        .map((line) => JSON.parse(line) as LogRecord),
    address: () =>
      kubectl("get", "pod", "otel-collector", `--namespace=${namespace}`, "--output=jsonpath={.status.podIP}"),
    start,
    stop: () =>
      void kubectl("delete", "pod", "otel-collector", `--namespace=${namespace}`, "--grace-period=0", "--force"),
    remove: () => {
      server.removeAllListeners("exit").kill();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until it was sent a record, and gives it. */
export async function recordOf(
  { records }: Collector,
  what: string,
  is: (body: LogRecord["body"]) => boolean,
): Promise<LogRecord> {
  const find = () => records().find(({ body }) => is(body));
  await until(`the collector hears of ${what}`, 90, () => find() !== undefined);
  return find()!;
}
