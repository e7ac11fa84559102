import type { GkeConfig } from "../ground/gke/config";
import { scoped } from "../ground/gke/names";

export interface SecretsKeyPlan {
  ring: { name: string; location: string };
  /** Lacks the ring alone. */
  key: { name: string; purpose: string; rotationPeriod: string };
}

/** Role that GKE's own service agent needs to wrap Secrets. */
export const secretsKeyRole = "roles/cloudkms.cryptoKeyEncrypterDecrypter";

/** Ninety days. */
const rotationPeriod = "7776000s";

/** The key that Kubernetes Secrets are wrapped in; undefined where the stack names one, or goes without. */
export function planSecretsKey(gke: GkeConfig): SecretsKeyPlan | undefined {
  if (gke.secretsKey !== undefined || gke.relax.unencryptedSecrets !== undefined) {
    return undefined;
  }
  return {
    ring: { name: scoped(gke, "secrets"), location: gke.region },
    key: { name: "secrets", purpose: "ENCRYPT_DECRYPT", rotationPeriod },
  };
}
