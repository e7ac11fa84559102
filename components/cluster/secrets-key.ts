import { CryptoKey } from "@pulumi/gcp/kms/cryptoKey";
import { CryptoKeyIAMMember } from "@pulumi/gcp/kms/cryptoKeyIAMMember";
import { KeyRing } from "@pulumi/gcp/kms/keyRing";
import { ServiceIdentity } from "@pulumi/gcp/projects/serviceIdentity";
import * as pulumi from "@pulumi/pulumi";
import { GkePlan } from "../../model";
import { secretsKeyRole } from "../../model/gke/project";

export interface SecretsKeyArgs {
  plan: NonNullable<GkePlan["secretsKey"]>;
  /** What must be there first: Google's API for keys. */
  after: pulumi.Resource[];
}

/**
 * The key that Kubernetes Secrets are wrapped in, and GKE's leave to use it. Google keeps key rings for ever: a stack
 * that was destroyed and comes back under its name names the old key in `secretsKey`.
 */
export class SecretsKey extends pulumi.ComponentResource {
  /** The key's name, once GKE may use it. */
  readonly keyName: pulumi.Output<string>;

  constructor(name: string, args: SecretsKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:SecretsKey", name, {}, opts);

    const { plan, after } = args;
    const ring = new KeyRing(`${name}/ring`, plan.ring, { parent: this, dependsOn: after });
    const key = new CryptoKey(`${name}/key`, { ...plan.key, keyRing: ring.id }, { parent: this });
    const gke = new ServiceIdentity(
      `${name}/gke`,
      { service: "container.googleapis.com" },
      { parent: this, dependsOn: after },
    );
    const grant = new CryptoKeyIAMMember(
      `${name}/grant`,
      { cryptoKeyId: key.id, role: secretsKeyRole, member: gke.member },
      { parent: this },
    );

    this.keyName = grant.cryptoKeyId;
    this.registerOutputs({ keyName: this.keyName });
  }
}
