// A Job under a granted workload's account, with the label by which its sidecar is told the hosts: it has the workload's grants
// and no others, and nothing is sent to it for the workload's Service.
// Does not prove: a Job of somebody whom admission refuses the account; tests/lab/bypass does.
import assert from "node:assert/strict";
import { apply, kubectl, kubectlJson } from "./support/commands";
import { appA, Caller, curl, seenOutside } from "./support/requests";
import { until } from "./support/until";

const job: Caller = { namespace: "test-app", workload: "report", target: "job/report" };

interface Endpoints {
  items: { endpoints?: { targetRef?: { name: string }; conditions: { ready?: boolean } }[] }[];
}

describe("a Job under a workload's account", function () {
  this.timeout(900_000);

  before(async () => {
    apply({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "report", namespace: "test-app" },
      spec: {
        backoffLimit: 0,
        template: {
          metadata: { labels: { app: "app-a" } },
          spec: {
            serviceAccountName: "app-a",
            automountServiceAccountToken: false,
            restartPolicy: "Never",
            terminationGracePeriodSeconds: 2,
            containers: [
              {
                name: "report",
                image: "lab.istio-egress.local/workload:1",
                imagePullPolicy: "IfNotPresent",
                env: [{ name: "PORT", value: "8080" }],
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ["ALL"] },
                  seccompProfile: { type: "RuntimeDefault" },
                },
              },
            ],
          },
        },
      },
    });
    await until(
      "the Job's pod is ready",
      120,
      () => kubectlJson<any>("get", "job", "report", "-n", "test-app").status.ready === 1,
    );
    // The network's rules follow a new pod within a moment.
    await until("it is let through", 90, () => curl(job, "https://github.com/").status === 200);
  });

  after(() => void kubectl("delete", "job", "report", "--namespace=test-app", "--cascade=foreground", "--wait"));

  for (const scheme of ["http", "https"]) {
    it(`reaches what the workload is granted, and nothing else, over ${scheme}`, () => {
      const granted = `/job-granted-${scheme}`;
      assert.equal(curl(job, `${scheme}://github.com${granted}`).status, scheme === "http" ? 301 : 200);
      assert.equal(seenOutside(granted).length, 1);
      const refused = `/job-refused-${scheme}`;
      const answer = curl(job, `${scheme}://google.com${refused}`);
      assert.deepEqual([answer.status, answer.exit], scheme === "http" ? [502, 0] : [0, 35]);
      assert.deepEqual(seenOutside(refused), []);
    });
  }

  it("is no endpoint of the workload's Service, which has the workload's own pods", () => {
    const { items } = kubectlJson<Endpoints>(
      ...["get", "endpointslices", "--namespace=test-app", "--selector=kubernetes.io/service-name=app-a"],
    );
    const pods = items.flatMap(({ endpoints = [] }) => endpoints.map(({ targetRef }) => targetRef?.name ?? ""));
    assert.ok(pods.length > 0);
    assert.deepEqual(
      pods.filter((name) => !name.startsWith("app-a-")),
      [],
    );
    assert.equal(curl(appA, "http://app-a.test-app/").status, 200);
  });
});
