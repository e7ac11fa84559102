// Does not prove what a client receives: headers that Node adds, HEAD and delays are tried in server.test.ts.
import assert from "node:assert/strict";
import { answer, Answer, ReceivedRequest } from "../../../../lab/outside/answers";
import { outsideHosts } from "../../../../lab/outside/hosts";
import { answersTo } from "../../../../lab/outside/names";

const github = outsideHosts.find(({ names }) => names.includes("github.com"))!;
const balancer = outsideHosts.find(({ address }) => address === "10.10.0.4")!;

const request: ReceivedRequest = {
  scheme: "https",
  method: "GET",
  path: "/some/path?query=1",
  host: "github.com",
  sni: "github.com",
  from: "10.244.0.7:40000",
  headers: { host: "github.com", "x-forwarded-for": "10.244.0.9" },
};

describe("lab/outside/answers", () => {
  it("describes what reached the host, header for header, under the host's own name", () => {
    const { status, headers, body, delay } = answer(github, request);
    assert.deepEqual(
      [status, headers.server, headers["content-type"], delay],
      [200, "github.com", "application/json", 0],
    );
    assert.deepEqual(JSON.parse(body), request);
  });

  it("answers to every spelling of a name, and signs with the name that was meant", () => {
    for (const host of ["GITHUB.com", "github.com.", "github.com:443"]) {
      const given = answer(github, { ...request, host });
      assert.deepEqual([given.status, given.headers.server], [200, "github.com"], host);
    }
    assert.equal(answer(github, { ...request, host: "api.github.com" }).headers.server, "api.github.com");
  });

  it("sends callers on as the real hosts do, by 301 with the path they asked for", () => {
    for (const [from, to] of [
      ["http://github.com", "https://github.com"],
      ["http://www.github.com", "https://github.com"],
      ["https://www.github.com", "https://github.com"],
      ["http://api.github.com", "https://api.github.com"],
      ["http://google.com", "http://www.google.com"],
      ["https://google.com", "https://www.google.com"],
      ["http://cnn.com", "https://www.cnn.com"],
      ["https://cnn.com", "https://www.cnn.com"],
      ["http://www.cnn.com", "https://www.cnn.com"],
    ] as const) {
      assert.deepEqual(
        call(from, "/a/b?c=d"),
        { status: 301, headers: { server: new URL(from).hostname, location: `${to}/a/b?c=d` }, body: "", delay: 0 },
        from,
      );
    }
  });

  it("sends nobody on who asks for the name and scheme where a redirect ends, or at a host without one", () => {
    for (const url of [
      ...["https://github.com", "https://api.github.com", "https://www.cnn.com"],
      ...["http://www.google.com", "https://www.google.com", "http://httpbin.org", "https://httpbin.org"],
      ...["http://partner.example", "https://partner.example", "http://x.wild.example"],
    ]) {
      const { status, headers } = call(url, "/");
      assert.deepEqual([status, headers.location], [200, undefined], url);
    }
  });

  it("sends back by 421 a request for another host, and names both", () => {
    const { status, body } = answer(github, { ...request, host: "httpbin.org" });
    assert.equal(status, 421);
    assert.match(errorOf(body), /203\.0\.113\.10 serves github\.com, .*asks for httpbin\.org$/);
    assert.match(errorOf(answer(github, { ...request, host: "" }).body), /asks for no host$/);
  });

  it("gives the status that is asked for, and 400 for what is none", () => {
    assert.equal(at("/status/503").status, 503);
    assert.equal(at("/status/204?x").status, 204);
    for (const path of ["/status/199", "/status/600", "/status/", "/status", "/status/2oo"]) {
      assert.equal(at(path).status, 400, path);
    }
    assert.equal(errorOf(at("/status/700").body), '/status/CODE takes 200 to 599, not "700"');
  });

  it("waits as long as is asked for, ten seconds at most", () => {
    assert.deepEqual([at("/delay/10000").delay, at("/delay/10000").status], [10_000, 200]);
    assert.equal(at("/delay/0").delay, 0);
    for (const path of ["/delay/10001", "/delay/-1", "/delay/1e3", "/delay"]) assert.equal(at(path).status, 400, path);
    assert.equal(errorOf(at("/delay/x").body), '/delay/MS takes 0 to 10000 milliseconds, not "x"');
  });

  it("gives the headers alone at /headers", () => {
    assert.deepEqual(JSON.parse(at("/headers").body), request.headers);
  });

  it("answers at the internal load balancer as Apache does, by whatever name it is asked", () => {
    for (const host of ["10.10.0.4", "svc-foo.istio-workload.svc.cluster.local", ""]) {
      assert.deepEqual(answer(balancer, { ...request, host, path: "/status/500" }), {
        status: 200,
        headers: {
          Server: "Apache/2.4.25 (Debian)",
          "X-Powered-By": "PHP/7.2.8",
          "Content-Type": "text/html; charset=UTF-8",
        },
        body: "host => php-apache-dep-6c5475744d-xmthn\n",
        delay: 0,
      });
    }
  });
});

function at(path: string): Answer {
  return answer(github, { ...request, path });
}

function call(origin: string, path: string): Answer {
  const { protocol, hostname } = new URL(origin);
  const host = outsideHosts.find((each) => answersTo(each, hostname))!;
  return answer(host, { ...request, scheme: protocol === "https:" ? "https" : "http", host: hostname, path });
}

function errorOf(body: string): string {
  return (JSON.parse(body) as { error: string }).error;
}
