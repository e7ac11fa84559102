import { NetworkVector, Probe } from "../vector";
import { turning } from "../turning";
import { cnn, get, google, granted, grantedTls, http, httpbin, https, inside, kept, bulk } from "./shared";

const named = (tries: string, probe: Probe, twin: Probe = granted, rest: Partial<NetworkVector> = {}): NetworkVector =>
  inside(tries, probe, twin, { group: "names", ...rest });

export const names: NetworkVector[] = [
  named("a granted Host at another host's address", http(cnn, get("httpbin.org")), granted, { layer: "forwarding" }),
  named("a granted server name at another host's address", https(cnn, "httpbin.org"), grantedTls, {
    layer: "forwarding",
  }),
  named("another Host at a granted host's address", http(httpbin, get("cnn.com"))),
  named("another server name at a granted host's address", https(httpbin, "cnn.com"), grantedTls),
  named("Host in capitals", http(httpbin, get("HTTPBIN.ORG")), http(google, get("WWW.GOOGLE.COM")), { from: "app-b" }),
  named("Host with its port", http(httpbin, get("httpbin.org:80")), http(google, get("www.google.com:80")), {
    from: "app-b",
  }),
  named("Host with another port", http(cnn, get("httpbin.org:8080")), granted, { layer: "policy" }),
  named("Host with a trailing dot", http(cnn, get("cnn.com."))),
  named("a server name in capitals", https(httpbin, "HTTPBIN.ORG"), https(google, "WWW.GOOGLE.COM"), { from: "app-b" }),
  named("Host with a user before it", http(cnn, get("httpbin.org@cnn.com"))),
  named("two names in one Host", http(cnn, get("httpbin.org cnn.com"))),
  named("two names in one Host, with a comma", http(cnn, get("httpbin.org,cnn.com"))),
  named("a granted name and a null byte", http(cnn, get("httpbin.org\0.cnn.com"))),
  named("two Host lines, the granted one first", http(cnn, get("httpbin.org", { more: "Host: cnn.com\r\n" }))),
  named("two Host lines, the granted one last", http(cnn, get("cnn.com", { more: "Host: httpbin.org\r\n" }))),
  named("a Host line that goes on in the next one", http(cnn, get("httpbin.org\r\n cnn.com"))),
  named("no Host at all", http(cnn, "GET /TOKEN HTTP/1.0\r\n\r\n")),
  named("an absolute URI beside a granted Host", http(httpbin, get("httpbin.org", { path: "http://cnn.com/TOKEN" }))),
  named(
    "a granted name's absolute URI beside another Host",
    http(cnn, get("cnn.com", { path: "http://httpbin.org/TOKEN" })),
    granted,
    { layer: "forwarding" },
  ),
  named("CONNECT on port 80", http(httpbin, get("cnn.com:443", { method: "CONNECT", path: "cnn.com:443" }))),
  named(
    "CONNECT to a granted name, and a request inside",
    http(httpbin, ["CONNECT httpbin.org:80 HTTP/1.1\r\nHost: httpbin.org:80\r\n\r\n", get("cnn.com")], 80, 2),
  ),
  named(
    "a second request on one connection, for another Host",
    http(httpbin, [kept("httpbin.org"), get("cnn.com")], 80, 2),
    http(httpbin, [kept("httpbin.org"), get("httpbin.org")], 80, 2),
  ),
  named(
    "a request hidden in a body: length against chunks",
    http(
      httpbin,
      `POST /kept HTTP/1.1\r\nHost: httpbin.org\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${get("cnn.com")}`,
    ),
  ),
  named(
    "a request hidden in a body: two lengths",
    http(
      httpbin,
      `POST /kept HTTP/1.1\r\nHost: httpbin.org\r\nContent-Length: 0\r\nContent-Length: 90\r\n\r\n${get("cnn.com")}`,
    ),
  ),
  named(
    "a request hidden in a body: chunks that are not called so",
    http(
      httpbin,
      `POST /kept HTTP/1.1\r\nHost: httpbin.org\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${get("cnn.com")}`,
    ),
  ),
  ...[
    "X-Forwarded-Host: cnn.com",
    "Forwarded: host=cnn.com",
    `X-Envoy-Original-Dst-Host: ${cnn}:80`,
    "X-Original-URL: http://cnn.com/",
    ":authority: cnn.com",
  ].map((line) =>
    named(`the header ${line}`, http(httpbin, get("httpbin.org", { more: `${line}\r\n` })), granted, {
      layer: "forwarding",
    }),
  ),
  named(
    "an upgrade to HTTP/2 in the clear",
    http(cnn, get("cnn.com", { more: "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n" })),
  ),
  named(
    "HTTP/2 in the clear from the first byte",
    { kind: "curl", args: ["--http2-prior-knowledge", "--header", "Host: cnn.com", `http://${httpbin}/TOKEN`] },
    { kind: "curl", args: ["--http1.1", "--header", "Host: httpbin.org", `http://${httpbin}/TOKEN`] },
  ),
  named(
    "a WebSocket to another host",
    http(
      cnn,
      get("cnn.com", {
        more: "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
      }),
    ),
  ),
  named("an international name that looks like a granted one", http(cnn, get("xn--gthub-n4a.com"))),
  named("a name that ends like a granted one", http(httpbin, get("evilhttpbin.org"))),
  named("a name below a granted one", http(httpbin, get("TOKEN.httpbin.org"))),
  named("a server name below a granted one", https(httpbin, "TOKEN.httpbin.org"), grantedTls),
  named("a name that begins like a granted one", http(cnn, get("httpbin.org.cnn.com"))),
  named(
    "a denied name below a granted wildcard",
    http(bulk, get("secret.bulk.example")),
    http(bulk, get("TOKEN.bulk.example")),
    { layer: "policy" },
  ),
  named(
    "a denied server name below a granted wildcard",
    https(bulk, "secret.bulk.example"),
    https("TOKEN.bulk.example", "TOKEN.bulk.example"),
    { layer: "policy" },
  ),
  named("the wildcard's own domain", http(bulk, get("bulk.example")), http(bulk, get("TOKEN.bulk.example"))),
  named("a granted name that leads to a private address", http(httpbin, get("rebound.example")), granted, {
    layer: "forwarding",
  }),
  named("a granted name that leads to a private address, over https", https(httpbin, "rebound.example"), grantedTls, {
    layer: "forwarding",
  }),
  ...(
    [
      ["a granted name with a dead public address and a private one", turning.mixed, turning.spare],
      ["a granted name with nothing but an IPv6 address", turning.six, turning.both],
    ] as const
  ).flatMap(([tries, name, twin]) => [
    named(tries, http(httpbin, get(name)), http(httpbin, get(twin)), { layer: "forwarding" }),
    named(`${tries}, over https`, https(name, name), https(twin, twin), { layer: "forwarding" }),
  ]),
  named("the cluster's API by a name in Host", http(httpbin, get("kubernetes.default.svc"))),
  named("the gateway by its own name, for another's host", http("@gateway", get("httpbin.org"), 80), granted, {
    from: "app-b",
    twinFrom: "app-a",
  }),
  named(
    "another Host inside its own https, on a granted name",
    https("httpbin.org", "httpbin.org", "cnn.com"),
    grantedTls,
    {
      layer: "forwarding",
      open: "The gateway sees the name in the handshake, not the request inside. With `originate` there is no inside.",
    },
  ),
];
