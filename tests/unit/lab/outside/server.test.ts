// Does not prove that the outside's own addresses and ports are served: it listens on loopback, on ports of the system's choice.
import assert from "node:assert/strict";
import * as dgram from "node:dgram";
import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import * as tls from "node:tls";
import { Authority, createAuthority, issueCertificate } from "../../../../lab/certificates";
import { echo, outsideHosts } from "../../../../lab/outside/hosts";
import { Endpoint } from "../../../../lab/outside/listening";
import { OutsideRequest } from "../../../../lab/outside/request-log";
import { Outside, startOutside } from "../../../../lab/outside/server";

interface Reply {
  status: number | undefined;
  headers: http.IncomingHttpHeaders;
  body: string;
}

describe("lab/outside/server", () => {
  let authority: Authority;
  let outside: Outside;
  const log: OutsideRequest[] = [];

  const github: Endpoint = { address: "203.0.113.10", port: 80 };
  const githubTls: Endpoint = { address: "203.0.113.10", port: 443 };
  const balancer: Endpoint = { address: "10.10.0.4", port: 80 };
  const balancerTls: Endpoint = { address: "10.10.0.4", port: 443 };
  const httpbin: Endpoint = { address: "203.0.113.11", port: 80 };
  const wildTls: Endpoint = { address: "203.0.113.18", port: 443 };

  before(async () => {
    authority = await createAuthority("Test world");
    outside = await startOutside({
      authority,
      log: (request) => log.push(request),
      place: () => ({ address: "127.0.0.1", port: 0 }),
    });
  });
  beforeEach(() => log.splice(0));
  after(() => outside.close());

  function actual({ address, port }: Endpoint, protocol: "tcp" | "udp" = "tcp"): Endpoint {
    const served = outside.endpoints.find(
      (endpoint) =>
        endpoint.declared.address === address && endpoint.declared.port === port && endpoint.protocol === protocol,
    );
    return served?.actual ?? assert.fail(`${address}:${port} is not served`);
  }

  async function ask(endpoint: Endpoint, host: string, options: https.RequestOptions = {}): Promise<Reply> {
    const { address, port } = actual(endpoint);
    const secure = endpoint.port === 443;
    const request = (secure ? https : http).request({
      host: address,
      port,
      agent: false,
      headers: { host },
      ...(secure ? { servername: host, ca: authority.certificatePem } : {}),
      ...options,
    });
    request.end();
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    let body = "";
    for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
    return { status: response.statusCode, headers: response.headers, body };
  }

  it("serves every port of every host, and the echo", () => {
    const ports = outsideHosts.map(
      ({ httpPorts, httpsPorts, linePorts = {}, grpcPorts = {}, proxyPorts = [], quicPorts = [], ...host }) =>
        (httpPorts.length +
          httpsPorts.length +
          proxyPorts.length +
          quicPorts.length +
          Object.keys(linePorts).length +
          Object.keys(grpcPorts).length) *
        (1 + (host.moreAddresses ?? []).length),
    );
    assert.equal(outside.endpoints.length, ports.reduce((sum, count) => sum + count) + 4);
  });

  it("answers over http, tells who asked, and writes it down", async () => {
    const reply = await ask(httpbin, "httpbin.org", {
      path: "/a?b=c",
      headers: { host: "httpbin.org", "x-leak": "pod" },
    });
    assert.deepEqual([reply.status, reply.headers.server], [200, "httpbin.org"]);
    const seen = JSON.parse(reply.body) as Record<string, unknown>;
    assert.match(String(seen.from), /^127\.0\.0\.1:\d+$/);
    assert.deepEqual(seen, {
      scheme: "http",
      method: "GET",
      path: "/a?b=c",
      host: "httpbin.org",
      from: seen.from,
      headers: { host: "httpbin.org", "x-leak": "pod", connection: "close" },
    });
    const { time, ...entry } = log[0]!;
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 5_000, time);
    assert.deepEqual(entry, {
      ...{ from: seen.from, address: "203.0.113.11", port: 80, scheme: "http", host: "httpbin.org", sni: undefined },
      ...{ method: "GET", path: "/a?b=c", status: 200 },
    });
  });

  it("asks for a client certificate where the host knows its customers, and turns away all that its authority has not signed", async () => {
    const certified: Endpoint = {
      address: outsideHosts.find(({ asksClients }) => asksClients)!.address,
      port: 443,
    };
    const issue = async (by: Authority, days?: number) => {
      const request = { commonName: "shop", client: true, ...(days === undefined ? {} : { days }) };
      const { certificatePem, privateKeyPem } = await issueCertificate(by, request);
      return { cert: certificatePem, key: privateKeyPem };
    };
    const host = "certified.partner.example";
    const { status, body } = await ask(certified, host, await issue(authority));
    assert.deepEqual([status, (JSON.parse(body) as { client: string }).client], [200, "shop"]);
    // A caller that comes back resumes its session, as gateways do on a second connection.
    const { address: at, port } = actual(certified);
    const returning = { host: at, port, servername: host, ca: authority.certificatePem, ...(await issue(authority)) };
    const first = tls.connect(returning).resume();
    const [session] = (await once(first, "session")) as [Buffer];
    first.destroy();
    const second = tls.connect({ ...returning, session });
    second.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const [answer] = (await once(second, "data")) as [Buffer];
    assert.deepEqual([second.isSessionReused(), answer.toString().split("\r\n")[0]], [true, "HTTP/1.1 200 OK"]);
    second.destroy();
    const others = [{}, await issue(await createAuthority("Test world")), await issue(authority, -1 / 48)];
    for (const other of others) await assert.rejects(ask(certified, host, other));
    assert.equal(log.length, 2);
  });

  it("sends callers on with an empty body, and writes that down with its status too", async () => {
    const reply = await ask(github, "github.com", { path: "/releases" });
    assert.deepEqual(
      [reply.status, reply.headers.server, reply.headers.location, reply.headers["content-length"], reply.body],
      [301, "github.com", "https://github.com/releases", "0", ""],
    );
    assert.deepEqual([log[0]?.path, log[0]?.status], ["/releases", 301]);
  });

  it("answers over https with a certificate for the name, and tells the name of the handshake", async () => {
    const reply = await ask(githubTls, "api.github.com");
    assert.equal(reply.headers.server, "api.github.com");
    const { scheme, sni } = JSON.parse(reply.body) as { scheme: string; sni: string };
    assert.deepEqual([scheme, sni], ["https", "api.github.com"]);
    assert.deepEqual([log[0]?.scheme, log[0]?.sni, log[0]?.status], ["https", "api.github.com", 200]);
  });

  it("lets the names of handshake and request differ as long as both are the host's, as a fronted server would", async () => {
    const headers = { host: "api.github.com" };
    assert.equal((await ask(githubTls, "github.com", { headers })).headers.server, "api.github.com");
    assert.equal((await ask(githubTls, "github.com", { headers: { host: "cnn.com" } })).status, 421);
    assert.deepEqual([log[1]?.sni, log[1]?.host], ["github.com", "cnn.com"]);
  });

  it("has certificates for names under a wildcard at every depth", async () => {
    assert.equal((await ask(wildTls, "x.wild.example")).status, 200);
    assert.equal((await ask(wildTls, "y.z.wild.example")).status, 200);
  });

  it("ends a handshake for a name that is not the host's by the alert unrecognized_name, and writes it down", async () => {
    await assert.rejects(ask(githubTls, "cnn.com"), /unrecognized name.*alert number 112/);
    const { from, time, ...entry } = log[0]!;
    assert.match(`${from} ${time}`, /^127\.0\.0\.1:\d+ \d{4}-/);
    assert.deepEqual(entry, { address: "203.0.113.10", port: 443, scheme: "https", sni: "cnn.com" });
  });

  it("has no certificate for a handshake without a name, and goes on serving afterwards", async () => {
    await assert.rejects(ask(githubTls, "github.com", { servername: "" }), /alert/);
    await assert.rejects(ask(githubTls, "github.com", { minVersion: "TLSv1.1", maxVersion: "TLSv1.1" }));
    assert.equal((await ask(githubTls, "github.com")).status, 200);
  });

  it("offers HTTP/1.1 alone", async () => {
    const { address, port } = actual(githubTls);
    const socket = tls.connect({
      ...{ host: address, port, servername: "github.com", ca: authority.certificatePem },
      ALPNProtocols: ["h2", "http/1.1"],
    });
    await once(socket, "secureConnect");
    assert.equal(socket.alpnProtocol, "http/1.1");
    socket.destroy();
  });

  it("plays the internal load balancer on http and https, with a certificate for its address", async () => {
    for (const endpoint of [balancer, balancerTls]) {
      const checkServerIdentity = (_: string, certificate: tls.PeerCertificate): Error | undefined =>
        tls.checkServerIdentity("10.10.0.4", certificate);
      const reply = await ask(endpoint, "10.10.0.4", { servername: "", checkServerIdentity });
      assert.equal(reply.body, "host => php-apache-dep-6c5475744d-xmthn\n");
      assert.equal(reply.headers.server, "Apache/2.4.25 (Debian)");
      assert.equal(reply.headers["x-powered-by"], "PHP/7.2.8");
    }
  });

  it("answers HEAD without a body, and the headers of GET", async () => {
    const reply = await ask(httpbin, "httpbin.org", { method: "HEAD" });
    assert.deepEqual([reply.status, reply.body, reply.headers.server], [200, "", "httpbin.org"]);
  });

  it("waits before it answers", async () => {
    const start = Date.now();
    await ask(httpbin, "httpbin.org", { path: "/delay/120" });
    assert.ok(Date.now() - start >= 115, `${Date.now() - start} ms`);
  });

  it("listens on a port of github's that nobody is allowed", async () => {
    assert.equal((await ask({ ...github, port: 8080 }, "github.com:8080")).status, 301);
    assert.equal(log[0]?.port, 8080);
  });

  it("sends back what it gets over TCP and UDP, and writes both down", async () => {
    const tcp = net.connect(actual(echo).port, actual(echo).address, () => tcp.write("over tcp"));
    assert.equal(String((await once(tcp, "data"))[0]), "over tcp");
    tcp.destroy();
    const udp = dgram.createSocket("udp4");
    udp.send("over udp", actual(echo, "udp").port, actual(echo, "udp").address);
    assert.equal(String((await once(udp, "message"))[0]), "over udp");
    udp.close();
    assert.deepEqual(
      log.map(({ scheme, address, port }) => `${scheme} ${address}:${port}`),
      ["tcp 203.0.113.99:9999", "udp 203.0.113.99:9999"],
    );
  });

  it("ends with connections open and answers pending", async () => {
    const other = await startOutside({
      authority,
      log: () => undefined,
      place: () => ({ address: "127.0.0.1", port: 0 }),
    });
    const served = other.endpoints.find(({ declared }) => declared.address === httpbin.address && declared.port === 80);
    const { address, port } = served!.actual;
    const idle = net.connect(port, address);
    const waiting = net.connect(port, address, () =>
      waiting.write("GET /delay/9000 HTTP/1.1\r\nHost: httpbin.org\r\n\r\n"),
    );
    await Promise.all([once(idle, "connect"), once(waiting, "connect")]);
    const ended = [idle, waiting].map((socket) => {
      socket.on("error", () => undefined).resume();
      return new Promise((resolve) => socket.once("close", resolve));
    });
    await other.close();
    await Promise.all(ended);
  });

  it("says in one sentence where it cannot listen, and leaves nothing listening", async () => {
    const taken = actual(echo);
    const opened: Endpoint[] = [];
    const starting = startOutside({
      authority,
      log: () => undefined,
      place: (endpoint) => {
        const place = endpoint === echo ? taken : { address: "127.0.0.2", port: 20_000 + opened.length };
        opened.push(place);
        return place;
      },
    });
    await assert.rejects(starting, {
      name: "LabError",
      message: `The outside cannot listen on 127.0.0.1:${taken.port}: another process does.`,
    });
    const [first] = opened;
    const attempt = net.connect(first!.port, first!.address);
    await assert.rejects(once(attempt, "connect"), { code: "ECONNREFUSED" });
  });
});
