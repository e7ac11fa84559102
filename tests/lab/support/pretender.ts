import { kubectl } from "./commands";
import { until } from "./until";

/** A pod of test-app with app-a's labels, and so its Sidecar with its hosts, under the identity of another account. */
export interface Pretender {
  /** Asks for a URL, and gives the status of the answer. @throws Error where none comes */
  ask: (url: string) => string;
  /**
   * The same by http, as soon as its sidecar has found the gateway: 503 is the sidecar's own answer until then, and no
   * refusal of the gateway's, which is told at once.
   */
  answered: (url: string) => Promise<string>;
  remove: () => void;
}

/** @param serviceAccount whose identity it has @default the namespace's own */
export function startPretender(name: string, serviceAccount = "default"): Pretender {
  const overrides = { spec: { serviceAccountName: serviceAccount, securityContext: { runAsUser: 1000 } } };
  kubectl(
    ...["run", name, "--namespace=test-app", "--labels=app=app-a", "--image-pull-policy=IfNotPresent"],
    ...["--image=lab.istio-egress.local/workload:1", `--overrides=${JSON.stringify(overrides)}`],
  );
  kubectl("wait", "--namespace=test-app", "--for=condition=Ready", `pod/${name}`, "--timeout=240s");
  const ask = (url: string) =>
    kubectl(
      ...["exec", name, "--namespace=test-app", `--container=${name}`, "--"],
      ...["curl", "--silent", "--output", "/dev/null", "--max-time", "15", "--write-out", "%{http_code}", url],
      ...["--fail-early"],
    );
  return {
    ask,
    answered: async (url) => {
      let status = "";
      await until("its sidecar finds the gateway", 120, () => (status = ask(url)) !== "503");
      return status;
    },
    remove: () =>
      void kubectl("delete", "pod", name, "--namespace=test-app", "--grace-period=0", "--force", "--wait=true"),
  };
}
