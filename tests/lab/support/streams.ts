import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { grantToAppA } from "./checkout";
import { startPretender } from "./pretender";
import { appA, appB, Caller, execIn, hammer, seenOutside } from "./requests";
import { until } from "./until";

/** How long the one kind of hosts may be silent, and how long callers are: longer than the one, and shorter than the other. */
const seconds = { idle: 4, silent: 8 };

const destinations = {
  grpc: { hosts: ["grpc.partner.example"] },
  chat: { hosts: ["partner.example"], timeouts: { idle: `${seconds.idle}s` } },
  feed: { hosts: ["api.partner.example"], timeouts: { idle: "8h" } },
};

/** Grants the hosts of streams to app-a of a checkout's stack `lab`, beside what it is granted. */
export function grantStreams(folder: string): void {
  grantToAppA(folder, destinations, "a test of streams");
}

/** An answer to a gRPC call, as curl has read it. */
interface GrpcAnswer {
  /** Status of HTTP; 0 where no answer came. */
  http: number;
  messages: string[];
  /** What came before the messages, and after them where there were any, by lower-case names. */
  headers: Record<string, string>;
  /** Seconds that the whole call took. */
  seconds: number;
}

// curl speaks HTTP/2 from the first byte, as gRPC does in plain text, and knows trailers; it writes them after the headers.
const grpcClient = `
import json, struct, subprocess, sys, time
url, text = sys.argv[1], sys.argv[2].encode()
begun = time.monotonic()
command = ["curl", "--silent", "--include", "--max-time", "60", "--request", "POST", "--data-binary", "@-", url]
command += ["--http2-prior-knowledge"] if url.startswith("http:") else ["--http2"]
for header in ("content-type: application/grpc", "te: trailers"):
    command += ["--header", header]
out = subprocess.run(command, input=b"\\0" + struct.pack(">I", len(text)) + text, stdout=subprocess.PIPE).stdout
head, _, rest = out.partition(b"\\r\\n\\r\\n")
lines = head.decode("latin-1").split("\\r\\n")
messages = []
while rest[:1] == b"\\0":
    size = struct.unpack(">I", rest[1:5])[0]
    messages.append(rest[5:5 + size].decode())
    rest = rest[5 + size:]
lines += rest.decode("latin-1").split("\\r\\n")
status = lines[0].split(" ")[1] if " " in lines[0] else "0"
headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
print(json.dumps({"http": int(status), "messages": messages, "headers": headers, "seconds": time.monotonic() - begun}))
`;

/** Calls a method of the external world's gRPC host, with curl from inside a workload's container. */
export function grpc(caller: Caller, scheme: string, method: "Say" | "Count" | "Fail", text: string): GrpcAnswer {
  const url = `${scheme}://grpc.partner.example/lab.Lines/${method}`;
  const { stdout, stderr } = execIn(caller, "python3", "-c", grpcClient, url, text);
  assert.match(stdout, /^{/, stderr);
  return JSON.parse(stdout) as GrpcAnswer;
}

const webSocketClient = `
import base64, os, socket, ssl, struct, sys, time
scheme, host, path, silent = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
wire = socket.create_connection((host, 443 if scheme == "wss" else 80), 15)
if scheme == "wss":
    wire = ssl.create_default_context().wrap_socket(wire, server_hostname=host)
wire.settimeout(15)
key = base64.b64encode(os.urandom(16)).decode()
wire.sendall(("GET %s HTTP/1.1\\r\\nHost: %s\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
    "Sec-WebSocket-Key: %s\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n" % (path, host, key)).encode())
head = b""
while b"\\r\\n\\r\\n" not in head:
    data = wire.recv(1)
    if not data:
        break
    head += data
status = head.split(b" ")[1].decode() if b" " in head else "closed"

def echo(text):
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(text.encode()))
    wire.sendall(bytes([0x81, 0x80 | len(masked)]) + mask + masked)
    size = wire.recv(2)[1]
    return wire.recv(size).decode()

if status != "101":
    print(status)
    sys.exit()
said = [status, echo("one")]
wire.settimeout(silent)
begun = time.monotonic()
try:
    said.append("closed" if wire.recv(1) == b"" else "spoken to")
    said.append("%.1f" % (time.monotonic() - begun))
except OSError:
    wire.settimeout(15)
    said.append(echo("two"))
print(" ".join(said))
`;

/** What a WebSocket has to say: its status, the echo of `one` and, after a silence, that of `two`, or when it was closed. */
function webSocket(caller: Caller, url: string, silence = 0.1): string[] {
  const { protocol, hostname, pathname } = new URL(url);
  const { stdout } = execIn(
    caller,
    ...["python3", "-c", webSocketClient, protocol.replace(":", ""), hostname, pathname, `${silence}`],
  );
  return stdout.trim().split(" ");
}

const unique = (): string => `/${randomBytes(6).toString("hex")}`;

/** Statuses of gRPC: https://grpc.io/docs/guides/status-codes/ */
const failedPrecondition = "9";

/**
 * What has to hold of gRPC and WebSockets, by real calls, in a stack `lab` that `grantStreams` has changed.
 *
 * @param secondsForNames how long it may take until a host that was just granted is reached
 */
export function itCarriesStreams({ secondsForNames = 90 } = {}): void {
  before(async () => {
    await until("gRPC is reached", secondsForNames, () => grpc(appA, "http", "Say", "hello").http === 200);
    await until("TLS is reached", secondsForNames, () => grpc(appA, "https", "Say", "hello").http === 200);
    for (const host of ["partner.example", "api.partner.example"]) {
      for (const scheme of ["ws", "wss"]) {
        const url = `${scheme}://${host}/`;
        await until(url, secondsForNames, () => webSocket(appA, url)[0] === "101");
      }
    }
  });

  for (const scheme of ["http", "https"]) {
    describe(`gRPC over ${scheme}`, () => {
      it("is answered, with trailers", () => {
        const { http, messages, headers } = grpc(appA, scheme, "Say", "hello");
        assert.deepEqual([http, messages], [200, ["hello"]]);
        const port = scheme === "http" ? 80 : 443;
        assert.deepEqual([headers["grpc-status"], headers["said-by"]], ["0", `grpc.partner.example:${port}`]);
      });

      it("tells an error by the status in its trailers", () => {
        const { http, messages, headers } = grpc(appA, scheme, "Fail", "as-asked");
        assert.deepEqual([http, messages], [200, []]);
        assert.deepEqual([headers["grpc-status"], headers["grpc-message"]], [failedPrecondition, "as-asked"]);
      });

      it("streams message by message, with silences between them", () => {
        const { messages, headers, seconds: took } = grpc(appA, scheme, "Count", `3 ${seconds.silent * 1000}`);
        assert.deepEqual([messages, headers["grpc-status"]], [["1", "2", "3"], "0"]);
        assert.ok(took > 3 * seconds.silent, `${took} s`);
      });

      for (const caller of [appB, hammer]) {
        it(`is refused to ${caller.workload}, beside the same call of app-a`, () => {
          const said = `${caller.workload}-${unique()}`;
          const { http, messages, headers } = grpc(caller, scheme, "Say", said);
          assert.deepEqual(messages, []);
          // Over HTTP a proxy answers gRPC in its own words: 14 is UNAVAILABLE, 12 is UNIMPLEMENTED.
          assert.ok(http === 0 || (scheme === "http" && ["14", "12"].includes(headers["grpc-status"]!)), `${http}`);
          assert.deepEqual(grpc(appA, scheme, "Say", said).messages, [said]);
        });
      }
    });
  }

  for (const [ws, http] of Object.entries({ ws: "http", wss: "https" })) {
    describe(`WebSockets over ${http}`, () => {
      it("send back what they are sent", () => {
        const path = unique();
        assert.deepEqual(webSocket(appA, `${ws}://api.partner.example${path}`), ["101", "one", "two"]);
        assert.deepEqual(
          seenOutside(path).map(({ scheme }) => scheme),
          [http],
        );
      });

      for (const caller of [appB, hammer]) {
        it(`are refused to ${caller.workload}, beside the same call of app-a`, () => {
          const path = unique();
          const [said] = webSocket(caller, `${ws}://api.partner.example${path}`);
          assert.ok(["", "502", "404", "closed"].includes(said!), said);
          assert.deepEqual(seenOutside(path), []);
          assert.deepEqual(webSocket(appA, `${ws}://api.partner.example${path}`), ["101", "one", "two"]);
        });
      }
    });
  }

  it("the gateway itself refuses both to another identity, whose sidecar knows the hosts", async () => {
    const pretender = startPretender("stream-pretender");
    const caller = { namespace: "test-app", workload: "stream-pretender", target: "pod/stream-pretender" };
    try {
      // A sidecar that looks the gateway up in DNS may take a minute until it finds it; and a refusal may come before the
      // whole request has gone, for which curl has no answer.
      let answer: GrpcAnswer | undefined;
      await until("the gateway answers its sidecar", 120, () => {
        answer = grpc(caller, "http", "Say", "hello");
        return ["0", "7"].includes(answer.headers["grpc-status"] ?? "");
      });
      // PERMISSION_DENIED, as Envoy says 403 to gRPC.
      assert.deepEqual([answer?.messages, answer?.headers["grpc-status"]], [[], "7"]);
      assert.equal(grpc(caller, "https", "Say", "hello").http, 0);
      const path = unique();
      let said: string[] = [];
      // 503 is its own sidecar's answer, which looks up another name for this host.
      await until("the gateway answers for the other host", 120, () => {
        said = webSocket(caller, `ws://api.partner.example${path}`);
        return said[0] !== "503";
      });
      assert.deepEqual(said, ["403"]);
      assert.notEqual(webSocket(caller, `wss://api.partner.example${path}`)[0], "101");
      assert.deepEqual(seenOutside(path), []);
      assert.equal(grpc(appA, "http", "Say", "hello").headers["grpc-status"], "0");
      assert.equal(webSocket(appA, `wss://api.partner.example${path}`)[0], "101");
    } finally {
      pretender.remove();
    }
  });

  describe("a connection on which nobody speaks", () => {
    it("is closed over https when its destination's time is over", () => {
      const [status, one, end, after] = webSocket(appA, "wss://partner.example/", seconds.silent);
      assert.deepEqual([status, one, end], ["101", "one", "closed"]);
      // A busy machine is late, but not by as much as the caller waits.
      assert.ok(Number(after) > seconds.idle - 1 && Number(after) < seconds.silent - 1, after);
    });

    it("stays open over https where the destination gives it longer", () => {
      assert.deepEqual(webSocket(appA, "wss://api.partner.example/", seconds.silent), ["101", "one", "two"]);
    });

    it("stays open over http for as long as its WebSocket is, whatever the time of its destination", () => {
      assert.deepEqual(webSocket(appA, "ws://partner.example/", seconds.silent), ["101", "one", "two"]);
    });
  });
}
