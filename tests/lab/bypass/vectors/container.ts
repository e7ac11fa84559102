import { network } from "../../../../lab/topology";
import { NetworkVector } from "../vector";
import { ipv6 } from "./ipv6";
import { otherProtocols } from "./other-protocols";
import {
  around,
  cnn,
  echo,
  get,
  github,
  google,
  granted,
  grantedTls,
  http,
  httpbin,
  https,
  inside,
  tcp,
} from "./shared";

// Past the sidecar, as its own user: the network's layer is the only one.

const toMesh = tcp("@app-b", 8080);

const past: NetworkVector[] = [
  ...(
    [
      ["a granted host's address, port 443", github, 443],
      ["a granted host's address, port 80", github, 80],
      ["another port of a granted host's address", github, 8080],
      ["any host's address, port 80", cnn, 80],
      ["any host's address, port 443", cnn, 443],
      ["a database's address", "203.0.113.30", 5432],
      ["a mail server's address", "203.0.113.32", 25],
      ["a server of its own on any port, over TCP", echo.address, echo.port],
      ["a resolver outside, over TCP", network.outsideDns, 53],
      ["an internal load balancer", "10.10.0.4", 80],
      ["a host of the company's private network, over TLS", "10.20.0.5", 443],
      ["a server of another private network", "10.30.0.5", 5432],
      ["a private address that a public name leads to", "172.16.0.9", 80],
      ["the cloud's metadata server", "169.254.169.254", 80],
      ["the API server at its node's address", network.lab.address, 6443],
      ["the node's kubelet", network.lab.address, 10250],
      ["a pod of a namespace that nobody guards", "@free", 8080],
      ["istiod's plain port", "@istiod", 15010],
      ["istiod's debug port", "@istiod", 8080],
      ["istiod's metrics port", "@istiod", 15014],
      ["istiod's webhooks", "@istiod", 15017],
    ] as const
  ).map(([tries, address, port]) => around(tries, tcp(address, port))),
  // Nobody reaches these of the gateway; its own ports show that the probe works.
  ...(
    [
      ["Envoy's administration on the gateway", 15000],
      ["the gateway's health port", 15021],
      ["the gateway's metrics port", 15020],
      ["Envoy's metrics on the gateway", 15090],
    ] as const
  ).map(([tries, port]) => around(tries, tcp("@gateway", port), tcp("@gateway", 8443), "past app-a")),
  around("the API server's Service", tcp(network.apiServerService, 443)),
  around("a server of its own, over UDP", { kind: "udp", ...echo }),
  // The same by what the pod may reach on this way: other pods of the mesh.
  around("a server outside that answers first", tcp("203.0.113.32", 587), toMesh, "past app-a"),
];

// As an application, through its sidecar.

const through: NetworkVector[] = [
  inside("a host that is not granted, over http", http(cnn, get("cnn.com")), granted),
  inside("a host that is not granted, over https", https(cnn, "cnn.com"), grantedTls),
  inside("an address instead of a name, over http", http(cnn, get(cnn)), granted),
  inside("an address instead of a name, over https", https(cnn, undefined, cnn), grantedTls),
  inside("TLS without a name, at a granted host's address", https(httpbin, undefined), grantedTls),
  inside(
    "bytes that are no HTTP, on another port",
    tcp(echo.address, echo.port, "data"),
    tcp("db.partner.example", 5432, "hello\r\n"),
  ),
  inside("bytes that are no HTTP, on port 80", http(echo.address, "data\r\n\r\n"), granted),
  inside("bytes that are no TLS, on port 443", http(cnn, get("cnn.com"), 443), grantedTls),
  inside("plain HTTP of a granted name, on port 443", http(httpbin, get("httpbin.org"), 443), grantedTls),
  inside("TLS on port 80", https(cnn, "cnn.com", "cnn.com", 80), granted),
  inside("a granted host's other port", http(github, get("github.com:8080"), 8080), granted),
  inside(
    "what is granted to another workload, over http",
    http(httpbin, get("httpbin.org")),
    http(google, get("www.google.com")),
    { from: "app-b" },
  ),
  inside(
    "what is granted to another workload, over https",
    https(httpbin, "httpbin.org"),
    https(google, "www.google.com"),
    { from: "app-b" },
  ),
  inside("a workload of another namespace: http", http(httpbin, get("httpbin.org")), granted, {
    from: "hammer",
    twinFrom: "app-a",
  }),
  inside("a workload of another namespace: https", https(httpbin, "httpbin.org"), grantedTls, {
    from: "hammer",
    twinFrom: "app-a",
  }),
];

export const container: NetworkVector[] = [...past, ...through, ...otherProtocols, ...ipv6];
