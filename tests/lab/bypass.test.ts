// The known ways around an egress policy, each tried for real.
// What certificates of others open at a gateway is in gateway.test.ts.
// Does not prove: what a privileged container or a pod on the host's network could do (no admission policy yet),
// nor what a DNS name can carry out through the cluster's resolver: dns.test.ts is of the stack's own.
import assert from "node:assert/strict";
import { kubectl } from "./support/commands";
import { Pretender, startPretender } from "./support/pretender";
import { appA, appB, Caller, curl, execIn, hammer, seenOutside } from "./support/requests";

const github = "203.0.113.10";
const outsideDns = "203.0.113.53";
const echo = { address: "203.0.113.99", port: 9999 };

/** The sidecar's own container: its processes run as the user whose traffic nothing redirects. */
function sidecarOf(caller: Caller): Caller {
  return { ...caller, container: "istio-proxy" };
}

/** Runs Python in a container; the snippets print one word at their end. */
function python(caller: Caller, code: string): string {
  const { stdout, stderr } = execIn(caller, "python3", "-c", code);
  return stdout.trim() || stderr.trim().split("\n").at(-1)!;
}

function connects(address: string, port: number): string {
  return `import socket
try:
    socket.create_connection(("${address}", ${port}), 4).close()
    print("connected")
except OSError as error:
    print("refused")`;
}

describe("ways around the policy", () => {
  describe("as the sidecar's own user, whom the sidecar does not redirect", () => {
    for (const [what, address, port] of [
      ["an allowed host", github, 443],
      ["any host", "203.0.113.13", 80],
      ["the internal load balancer", "10.10.0.4", 80],
      ["the node", "192.168.77.2", 6443],
    ] as const) {
      it(`${what} cannot be connected to`, () => {
        assert.equal(python(sidecarOf(appA), connects(address, port)), "refused");
      });
    }

    it("the gateway's ports can be connected to, but without the mesh's certificate nothing passes", () => {
      const gateway = kubectl("get", "pods", "--namespace=istio-egress", "--output=jsonpath={.items[0].status.podIP}");
      const http = curl(
        sidecarOf(appA),
        `http://${gateway}:8080/as-1337`,
        "--header",
        "Host: github.com",
        "--max-time",
        "4",
      );
      const https = curl(
        sidecarOf(appA),
        "https://github.com/as-1337",
        ...["--connect-to", `github.com:443:${gateway}:8443`, "--insecure", "--max-time", "4"],
      );
      assert.equal(http.status, 0);
      assert.equal(https.status, 0);
      assert.deepEqual(seenOutside("/as-1337"), []);
    });
  });

  describe("past TCP", () => {
    it("a resolver outside does not answer over UDP", () => {
      const outcome = python(
        appA,
        `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3)
s.sendto(bytes.fromhex("1234010000010000000000000667697468756203636f6d0000010001"), ("${outsideDns}", 53))
try:
    s.recv(512); print("answered")
except OSError:
    print("refused")`,
      );
      assert.equal(outcome, "refused");
    });

    it("an echo service outside answers neither over UDP nor over TCP", () => {
      const udp = python(
        appA,
        `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3)
s.sendto(b"ping", ("${echo.address}", ${echo.port}))
try:
    s.recv(512); print("answered")
except OSError:
    print("refused")`,
      );
      assert.equal(udp, "refused");
      assert.equal(python(sidecarOf(appA), connects(echo.address, echo.port)), "refused");
    });
  });

  describe("by another name", () => {
    for (const host of ["GITHUB.COM", "github.com:80"]) {
      it(`app-a, which may reach github.com, gets there as Host ${host} through the gateway`, () => {
        const { status, headers } = curl(appA, "http://github.com/", "--header", `Host: ${host}`);
        assert.deepEqual([status, headers["location"]], [301, "https://github.com/"]);
      });

      it(`app-b, which may not, is refused as Host ${host}`, () => {
        const answer = curl(appB, "http://github.com/", "--header", `Host: ${host}`);
        assert.ok([403, 404, 502].includes(answer.status), String(answer.status));
      });
    }

    it("a trailing dot opens nothing", () => {
      for (const caller of [appA, appB]) {
        const answer = curl(caller, "http://google.com/trailing-dot", "--header", "Host: github.com.");
        assert.ok([403, 404, 502].includes(answer.status), String(answer.status));
      }
      assert.deepEqual(seenOutside("/trailing-dot"), []);
    });

    it("a Host that is allowed, sent to the address of one that is not, reaches the allowed one", () => {
      const path = "/host-beats-address";
      curl(appA, `http://cnn.com${path}`, "--header", "Host: github.com");
      const elsewhere = seenOutside(path).filter((request) => request.address !== github);
      assert.deepEqual(elsewhere, []);
    });

    it("a server name that is allowed, sent to the address of one that is not, reaches the allowed one", () => {
      const path = "/sni-beats-address";
      const answer = curl(appA, `https://github.com${path}`, "--resolve", "github.com:443:203.0.113.13");
      assert.equal(answer.status, 200);
      assert.deepEqual(
        seenOutside(path).map((request) => request.address),
        [github],
      );
    });

    it("an address instead of a name opens nothing", () => {
      assert.equal(curl(appA, `http://${github}/by-address`).status, 502);
      assert.equal(curl(appA, `https://${github}/by-address`, "--insecure").status, 0);
      assert.deepEqual(seenOutside("/by-address"), []);
    });

    it("a port that nobody is allowed stays shut on an allowed host", () => {
      // The host itself would answer by 301.
      const { status } = curl(appA, "http://github.com:8080/other-port");
      assert.ok(status === 0 || status >= 400, String(status));
      assert.deepEqual(seenOutside("/other-port"), []);
    });
  });

  describe("from elsewhere in the mesh", () => {
    it("a workload of another namespace gets nowhere, in any scheme", () => {
      assert.equal(curl(hammer, "http://github.com/from-hammer").status, 502);
      assert.equal(curl(hammer, "https://github.com/from-hammer").exit, 35);
      assert.deepEqual(seenOutside("/from-hammer"), []);
    });

    it("the gateway's Service is no way in by its own name", () => {
      const answer = curl(
        appB,
        "http://egress-gateway.istio-egress.svc.cluster.local/",
        "--header",
        "Host: github.com",
      );
      assert.ok(answer.status === 0 || answer.status >= 400, String(answer.status));
    });
  });

  describe("with the labels of another", () => {
    let pretender: Pretender;

    before(() => {
      pretender = startPretender("pretender");
    });

    after(() => pretender.remove());

    it("the gateway refuses it by its identity: 403", () => {
      assert.equal(pretender.ask("http://github.com/pretender"), "403");
      assert.deepEqual(seenOutside("/pretender"), []);
    });

    it("and over https", () => {
      assert.throws(() => pretender.ask("https://github.com/pretender"), /exit/);
      assert.deepEqual(seenOutside("/pretender"), []);
    });
  });
});
