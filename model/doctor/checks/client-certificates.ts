import { X509Certificate } from "node:crypto";
import { GatewayArgs } from "../../plan/args";
import { LiveSecret } from "../secrets";
import { Snapshot } from "../snapshot";
import { Check, Found } from "../types";

/** So long before its end a certificate is told of: time for whoever has it signed anew. */
const daysBefore = 14;

const day = 24 * 3600 * 1000;

/** Whether the certificates that gateways show to hosts are there, hold, and have their keys. */
export const clientCertificates: Check = {
  name: "client-certificates",
  promise: "every certificate that a gateway shows to hosts is in its Secret, with its key, and holds",
  needs: ({ gateways, gatewayNamespace: namespace }) =>
    gateways.some((gateway) => shownBy(gateway).length > 0) ? [{ resource: "secrets", namespace }] : [],
  run: ({ gateways }, snapshot) =>
    gateways.flatMap((gateway) => shownBy(gateway).flatMap((each) => wrong(each, snapshot))),
};

/** A certificate that a destination's hosts are shown. */
interface Shown {
  destination: string;
  secret: string;
  gateway: GatewayArgs;
}

function shownBy(gateway: GatewayArgs): Shown[] {
  return (gateway.originates ?? []).flatMap(({ destination, clientCertificate: secret }) =>
    secret === undefined ? [] : [{ destination, secret, gateway }],
  );
}

function wrong({ destination, secret, gateway: { name: gateway, namespace } }: Shown, snapshot: Snapshot): Found[] {
  const found = (
    severity: Found["severity"],
    problem: string,
    evidence: string[],
    rest: Partial<Found> = {},
  ): Found[] => [
    {
      severity,
      object: `Secret ${namespace}/${secret}`,
      problem,
      evidence: [...evidence, `the gateway ${gateway} shows it to the hosts of "${destination}"`],
      fix: "Put certificate and key into it, in PEM: the gateway has them within seconds, without a restart.",
      commands: [
        `kubectl create secret tls ${secret} --namespace ${namespace} --cert=tls.crt --key=tls.key --dry-run=client --output=yaml | kubectl apply --filename -`,
      ],
      ...rest,
    },
  ];
  const live = snapshot.of<LiveSecret>("Secret", namespace).find(({ metadata }) => metadata.name === secret);
  if (live === undefined) {
    return found("breaks-workload", `There is no such Secret: no request reaches the hosts of "${destination}".`, []);
  }
  const { certificate, key, entries } = live.shown;
  const missing = [...(certificate === undefined ? ["tls.crt"] : []), ...(key === "missing" ? ["tls.key"] : [])];
  if (missing.length > 0) {
    return found(
      "breaks-workload",
      `It has no ${missing.join(" and no ")}: no request reaches the hosts of "${destination}".`,
      [`it has ${entries.length === 0 ? "nothing" : entries.join(", ")}`],
    );
  }
  const read = certificateIn(certificate!);
  if (read === undefined || key === "unreadable") {
    return found(
      "breaks-workload",
      `Its ${read === undefined ? "tls.crt is no certificate" : "tls.key is no private key"} in PEM: no request reaches the hosts of "${destination}".`,
      [],
    );
  }
  if (key === "of another certificate") {
    return found(
      "breaks-workload",
      `Its tls.key is the key of another certificate: no request reaches the hosts of "${destination}".`,
      [`tls.crt is ${nameOf(read)}`],
    );
  }
  const now = Date.parse(snapshot.data.takenAt);
  const [from, to] = [Date.parse(read.validFrom), Date.parse(read.validTo)];
  const evidence = [`${nameOf(read)}, from ${isoDay(from)} to ${isoDay(to)}`];
  return to < now
    ? found("breaks-workload", `Its certificate has expired: hosts turn the gateway away.`, evidence)
    : from > now
      ? found("breaks-workload", `Its certificate does not hold yet: hosts turn the gateway away.`, evidence)
      : to - now < daysBefore * day
        ? found("warning", `Its certificate expires in less than ${daysBefore} days.`, evidence)
        : [];
}

function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function nameOf({ subject }: X509Certificate): string {
  return subject.replace(/\n/g, ", ");
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
