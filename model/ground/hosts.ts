/** A host name and every name that it is below, the nearest first: `www.cnn.com`, `cnn.com`, `com`. */
export function selfAndAbove(host: string): string[] {
  const labels = host.split(".");
  return labels.map((_, index) => labels.slice(index).join("."));
}

/** Whether a host is below another in DNS: `www.cnn.com` is below `cnn.com`, and `evilcnn.com` is not. */
export function isBelow(host: string, above: string): boolean {
  return host.endsWith(`.${above}`);
}
