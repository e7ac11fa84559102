import { createPrivateKey, X509Certificate } from "node:crypto";
import { isObject } from "../ground/objects";
import { LiveObject } from "./snapshot";

/** A Secret, without anything in it that is secret. */
export interface LiveSecret extends LiveObject {
  shown: {
    /** Its keys, sorted. */
    entries: string[];
    /** `tls.crt`, PEM; absent where it has none. */
    certificate?: string;
    /** What can be said of `tls.key`. */
    key: "missing" | "unreadable" | "of another certificate" | "of the certificate" | "unknown";
  };
}

/**
 * Takes out of a Secret what the doctor has no need to know, as soon as it is read: no snapshot has the key. Other kinds
 * are given back as they are.
 */
export function withoutSecrets(object: LiveObject): LiveObject {
  if (object.kind !== "Secret") {
    return object;
  }
  const { data } = object as LiveObject & { data?: unknown };
  const { apiVersion, kind, metadata } = object;
  const { annotations: _, managedFields: __, ...named } = metadata;
  const text = (key: string) => {
    const value = isObject(data) ? data[key] : undefined;
    return typeof value === "string" && value !== "" ? Buffer.from(value, "base64").toString("utf8") : undefined;
  };
  const [certificate, key] = [text("tls.crt"), text("tls.key")];
  const shown: LiveSecret["shown"] = {
    entries: isObject(data) ? Object.keys(data).sort() : [],
    // Whoever has put the key there by mistake need not find it in a report.
    ...(certificate === undefined ? {} : { certificate: /PRIVATE KEY-----/.test(certificate) ? "a key" : certificate }),
    key: key === undefined ? "missing" : keyOf(key, certificate),
  };
  const read: LiveSecret = { apiVersion, kind, metadata: named, shown };
  return read;
}

function keyOf(pem: string, certificate: string | undefined): LiveSecret["shown"]["key"] {
  const key = tried(() => createPrivateKey(pem));
  const of = certificate === undefined ? undefined : tried(() => new X509Certificate(certificate));
  return key === undefined
    ? "unreadable"
    : of === undefined
      ? "unknown"
      : of.checkPrivateKey(key)
        ? "of the certificate"
        : "of another certificate";
}

function tried<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
