import { gatewayPorts, outsidePorts } from "../ground/names";
import { accessLog } from "./access-log";
import { dnsCache, forwardingCluster, onEveryFilter, type } from "./gateway-envoy";

/** Room for the application's ClientHello while its host is connected to: with post-quantum keys it is about 2 kB. */
const earlyDataBytes = 16384;

/**
 * The way of TLS through a gateway: the SNI of the sidecar's mTLS is the name that is dialled. It is looked up before
 * the policies speak, which they do at the first byte; it is dialled after.
 */
export function forwardTls(): Record<string, unknown>[] {
  return onEveryFilter(gatewayPorts.tls, "envoy.filters.network.tcp_proxy", [
    [
      "INSERT_BEFORE",
      {
        name: "envoy.filters.network.sni_dynamic_forward_proxy",
        typed_config: {
          "@type": type("filters.network.sni_dynamic_forward_proxy.v3.FilterConfig"),
          dns_cache_config: dnsCache,
          port_value: outsidePorts.tls,
        },
      },
    ],
    [
      "MERGE",
      {
        name: "envoy.filters.network.tcp_proxy",
        typed_config: {
          "@type": type("filters.network.tcp_proxy.v3.TcpProxy"),
          cluster: forwardingCluster,
          // The policies speak at the first byte, and by default the host would be connected to before that.
          upstream_connect_mode: "ON_DOWNSTREAM_DATA",
          max_early_data_bytes: earlyDataBytes,
          access_log: accessLog("https"),
        },
      },
    ],
  ]);
}
