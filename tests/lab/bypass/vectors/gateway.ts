import { NetworkVector, Probe } from "../vector";
import { cnn, get, granted, grantedTls, http, httpbin, https, kept } from "./shared";

// Straight to the gateway's pods, with a real certificate or without.

type Mtls = Omit<Extract<Probe, { kind: "mtls" }>, "kind" | "address" | "port" | "raw"> & {
  port?: number;
  raw?: string[];
};
const mtls = ({ port = 8080, raw, ...rest }: Mtls): Probe => ({
  kind: "mtls",
  address: "@gateway",
  port,
  raw: raw ?? [get(rest.inner ?? rest.sni)],
  ...rest,
});
const asked = (
  tries: string,
  layer: NetworkVector["layer"],
  probe: Probe,
  twin: Probe,
  rest: Partial<NetworkVector> = {},
): NetworkVector => ({
  ...{ tries, group: "gateway", layer, from: "thief-a", probe, twin },
  ...rest,
});
const ownHttp = mtls({ sni: "httpbin.org" });
const ownTls = mtls({ port: 8443, sni: "httpbin.org", inner: "httpbin.org" });
const connectTo = (place: string, inside = "", method = "CONNECT"): string[] => [
  `${method} ${place} HTTP/1.1\r\nHost: ${place}\r\n\r\n`,
  ...(inside === "" ? [] : [inside]),
];
const tunnel = (place: string, method?: string): Probe =>
  mtls({ port: 8445, sni: "db.partner.example", raw: connectTo(place, "", method) });
const billed = (
  path: string,
  { host = "billing.partner.example", ...rest }: { host?: string; method?: string; more?: string } = {},
): Probe => mtls({ port: 8081, sni: host, raw: [get(host, { path, ...rest })] });
const billing = billed("/v1/TOKEN");
const asB: Partial<NetworkVector> = { from: "thief-b" };
const forB = {
  http: mtls({ sni: "www.google.com" }),
  tls: mtls({ port: 8443, sni: "www.google.com", inner: "www.google.com" }),
};

export const gateway: NetworkVector[] = [
  asked("without a certificate, http", "mtls", mtls({ sni: "httpbin.org", certificate: "none" }), ownHttp),
  asked(
    "without a certificate, https, for a name that nobody has looked up",
    "mtls",
    mtls({ port: 8443, sni: "TOKEN.bulk.example", inner: "TOKEN.bulk.example", certificate: "none" }),
    ownTls,
  ),
  asked("with a forged certificate, http", "mtls", mtls({ sni: "httpbin.org", certificate: "forged" }), ownHttp),
  asked(
    "with a forged certificate, https",
    "mtls",
    mtls({ port: 8443, sni: "httpbin.org", inner: "httpbin.org", certificate: "forged" }),
    ownTls,
  ),
  ...([8080, 8443, 8445, 8081] as const).map((port) =>
    asked(`in the clear, on port ${port}`, "mtls", http("@gateway", get("httpbin.org"), port), ownHttp),
  ),
  ...([8080, 8443, 8445, 8081] as const).map((port) =>
    asked(
      `bytes that are no HTTP, in the clear, on port ${port}`,
      "mtls",
      http("@gateway", "TOKEN\r\n\r\n", port),
      ownHttp,
    ),
  ),
  asked("as another workload, http", "policy", ownHttp, forB.http, asB),
  asked("as another workload, https", "policy", ownTls, forB.tls, asB),
  asked(
    "as another workload, a name that nobody has looked up, http",
    "policy",
    mtls({ sni: "TOKEN.bulk.example" }),
    forB.http,
    asB,
  ),
  asked(
    "as another workload, a name that nobody has looked up, https",
    "policy",
    mtls({ port: 8443, sni: "TOKEN.bulk.example", inner: "TOKEN.bulk.example" }),
    forB.tls,
    asB,
  ),
  asked(
    "as another workload, by a wildcard's outer name",
    "policy",
    mtls({ port: 8443, sni: ".bulk.example", inner: "TOKEN.bulk.example" }),
    forB.tls,
    asB,
  ),
  asked("as another workload, what the gateway opens TLS for", "policy", billing, forB.http, asB),
  asked("a host that is not granted to it, http", "policy", mtls({ sni: "cnn.com" }), ownHttp),
  asked(
    "a host that is not granted to it, https",
    "policy",
    mtls({ port: 8443, sni: "cnn.com", inner: "cnn.com" }),
    ownTls,
  ),
  asked("granted SNI, another Host", "policy", mtls({ sni: "httpbin.org", raw: [get("cnn.com")] }), ownHttp),
  asked(
    "granted outer name, another one inside",
    "forwarding",
    mtls({ port: 8443, sni: "httpbin.org", inner: "cnn.com" }),
    ownTls,
  ),
  asked(
    "granted outer name, one inside that nobody has looked up",
    "forwarding",
    mtls({ port: 8443, sni: "httpbin.org", inner: "TOKEN.cnn.com" }),
    ownTls,
  ),
  asked(
    "granted outer name, no name inside",
    "forwarding",
    mtls({ port: 8443, sni: "httpbin.org", inner: "" }),
    ownTls,
  ),
  asked("granted outer name, no TLS inside", "forwarding", mtls({ port: 8443, sni: "httpbin.org" }), ownTls),
  asked(
    "a wildcard's outer name, one inside that it does not hold",
    "forwarding",
    mtls({ port: 8443, sni: ".bulk.example", inner: "cnn.com" }),
    mtls({ port: 8443, sni: ".bulk.example", inner: "TOKEN.bulk.example" }),
  ),
  asked(
    "a wildcard's outer name, a denied one inside",
    "forwarding",
    mtls({ port: 8443, sni: ".bulk.example", inner: "secret.bulk.example" }),
    mtls({ port: 8443, sni: ".bulk.example", inner: "TOKEN.bulk.example" }),
  ),
  asked(
    "a wildcard's outer name, one inside that only ends like it",
    "forwarding",
    mtls({ port: 8443, sni: ".bulk.example", inner: "evilbulk.example" }),
    mtls({ port: 8443, sni: ".bulk.example", inner: "TOKEN.bulk.example" }),
  ),
  asked(
    "the placeholder's name",
    "policy",
    mtls({ sni: "any-allowed-host.egress-gateway.local", raw: [get("any-allowed-host.egress-gateway.local")] }),
    ownHttp,
  ),
  asked("the API server's name", "policy", mtls({ sni: "kubernetes.default.svc" }), ownHttp),
  asked(
    "the gateway's own administration",
    "policy",
    mtls({ sni: "localhost", raw: [get("localhost:15000", { path: "/config_dump?TOKEN" })] }),
    ownHttp,
  ),
  asked("the cloud's metadata address", "policy", mtls({ sni: "metadata", raw: [get("169.254.169.254")] }), ownHttp),
  asked(
    "a granted Host, another in an absolute URI",
    "policy",
    mtls({ sni: "httpbin.org", raw: [get("httpbin.org", { path: "http://cnn.com/TOKEN" })] }),
    ownHttp,
  ),
  asked(
    "a granted request, another one hidden in its body",
    "policy",
    mtls({
      sni: "httpbin.org",
      raw: [
        `POST /kept HTTP/1.1\r\nHost: httpbin.org\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${get("cnn.com")}`,
      ],
    }),
    ownHttp,
  ),
  asked(
    "a granted request, then one for another host on its connection",
    "policy",
    mtls({ sni: "httpbin.org", raw: [kept("httpbin.org"), get("cnn.com")] }),
    mtls({ sni: "httpbin.org", raw: [kept("httpbin.org"), get("httpbin.org")] }),
  ),
  asked(
    "CONNECT on the port of http",
    "policy",
    mtls({ sni: "httpbin.org", raw: connectTo("cnn.com:80", get("cnn.com")) }),
    ownHttp,
  ),
  asked(
    "CONNECT to another port of a granted host",
    "policy",
    mtls({ port: 8445, sni: "db.partner.example", raw: connectTo("db.partner.example:80", get("db.partner.example")) }),
    billing,
  ),
  asked(
    "CONNECT to another host",
    "policy",
    mtls({ port: 8445, sni: "db.partner.example", raw: connectTo("cnn.com:80", get("cnn.com")) }),
    billing,
  ),
  asked("CONNECT to a name that nobody has looked up", "policy", tunnel("TOKEN.cnn.com:5432"), billing),
  asked(
    "CONNECT to an address",
    "policy",
    mtls({ port: 8445, sni: "db.partner.example", raw: connectTo(`${cnn}:80`, get("cnn.com")) }),
    billing,
  ),
  asked(
    "a request without CONNECT, on CONNECT's port",
    "policy",
    mtls({ port: 8445, sni: "db.partner.example", raw: [get("cnn.com")] }),
    billing,
  ),
  asked("a method that is not granted", "policy", billed("/v1/TOKEN", { method: "DELETE" }), billing),
  asked("a path that is not granted", "policy", billed("/admin/TOKEN"), billing),
  asked("a path that climbs out of a granted one", "policy", billed("/v1/../admin/TOKEN"), billing),
  asked("the same, encoded", "policy", billed("/v1/%2e%2e/admin/TOKEN"), billing),
  asked("the same, with an encoded slash", "policy", billed("/v1/..%2fadmin/TOKEN"), billing),
  asked("the same, with a backslash", "policy", billed("/v1/..\\admin/TOKEN"), billing),
  asked(
    "another method in a header",
    "policy",
    billed("/v1/TOKEN", { method: "POST", more: "X-HTTP-Method-Override: GET\r\n" }),
    billing,
  ),
  asked("another host, where the gateway opens TLS", "policy", billed("/v1/TOKEN", { host: "cnn.com" }), billing),
  asked("with the labels of another workload, http", "policy", http(httpbin, get("httpbin.org")), granted, {
    from: "labelled",
    twinFrom: "app-a",
  }),
  asked("with the labels of another workload, https", "policy", https(httpbin, "httpbin.org"), grantedTls, {
    from: "labelled",
    twinFrom: "app-a",
  }),
];
