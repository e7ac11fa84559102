import { X509Certificate } from "node:crypto";
import * as tls from "node:tls";
import { Authority, CertificateRequest, issueCertificate } from "../certificates";
import { OutsideHost } from "./hosts";
import { answersTo, canonicalName } from "./names";

/** Without one, the same before and after a name is known, OpenSSL resumes no session where clients are asked for certificates. */
export const sessionIdContext = "outside";

/**
 * The outside's server certificates, issued on first use and kept: one for each name that is asked for, but one for
 * all names that a wildcard's certificate covers, so that tests may ask for thousands.
 */
export class SecureContexts {
  private readonly issued = new Map<string, Promise<tls.SecureContext>>();

  constructor(private readonly authority: Authority) {}

  /** The context for a name in a handshake with a host, or undefined when the name is not the host's. */
  async forName(host: OutsideHost, name: string): Promise<tls.SecureContext | undefined> {
    const canonical = canonicalName(name);
    if (!answersTo(host, canonical)) return undefined;
    const certified = wildcardOf(canonical, host.names) ?? canonical;
    const named = host.certificate === "of-another" ? `other-than.${certified}` : certified;
    return this.issue({
      commonName: named,
      dnsNames: [named],
      // A certificate begins an hour ago: this one has ended half an hour later.
      ...(host.certificate === "expired" ? { days: -1 / 48 } : {}),
    });
  }

  /** The context of a host that has no name: its certificate is for its address. */
  forAddress({ address }: OutsideHost): Promise<tls.SecureContext> {
    return this.issue({ commonName: address, addresses: [address] });
  }

  /** Whether the authority has signed a certificate that holds now. */
  hasSigned(certificate: X509Certificate | undefined): boolean {
    const now = Date.now();
    return (
      certificate !== undefined &&
      certificate.verify(new X509Certificate(this.authority.certificatePem).publicKey) &&
      Date.parse(certificate.validFrom) <= now &&
      now <= Date.parse(certificate.validTo)
    );
  }

  private issue(request: CertificateRequest): Promise<tls.SecureContext> {
    const { commonName } = request;
    const context =
      this.issued.get(commonName) ??
      issueCertificate(this.authority, request).then(({ certificatePem, privateKeyPem }) =>
        tls.createSecureContext({ cert: certificatePem, key: privateKeyPem, sessionIdContext }),
      );
    this.issued.set(commonName, context);
    return context;
  }
}

/** The wildcard whose certificate holds for a name: in TLS it stands for one label, where the outside's DNS takes many. */
function wildcardOf(name: string, patterns: string[]): string | undefined {
  return patterns.find((pattern) => pattern === name.replace(/^[^.]+/, "*"));
}
