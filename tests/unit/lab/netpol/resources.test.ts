// What is kept of API objects. Does not prove that these are the shapes an API server sends: the booted lab does.
import assert from "node:assert/strict";
import { decodePod, decodePolicy } from "../../../../lab/netpol/resources";

function pod(spec: object, status: object): ReturnType<typeof decodePod> {
  const object = { metadata: { name: "a", namespace: "n", labels: { app: "a" } }, spec, status };
  return decodePod(object);
}

const address = 0x0af40005;
const running = { phase: "Running", podIP: "10.244.0.5" };

describe("netpol resources", () => {
  it("know the address of a pod that runs", () => assert.equal(pod({}, running).address, address));

  it("know the address of a pod that is not ready yet", () =>
    assert.equal(pod({}, { ...running, phase: "Pending" }).address, address));

  it("take the IPv4 address of a dual-stack pod", () => {
    const status = { phase: "Running", podIP: "fd00::5", podIPs: [{ ip: "fd00::5" }, { ip: "10.244.0.5" }] };
    assert.equal(pod({}, status).address, address);
  });

  for (const phase of ["Succeeded", "Failed"]) {
    it(`know no address of a pod that is ${phase}`, () =>
      assert.equal(pod({}, { ...running, phase }).address, undefined));
  }

  it("know no address of a pod on the host's network", () =>
    assert.equal(pod({ hostNetwork: true }, running).address, undefined));

  it("know no address before there is one", () => assert.equal(pod({}, { phase: "Pending" }).address, undefined));

  it("list the named ports of containers and of sidecars, not of containers that run before", () => {
    const port = (name: string, containerPort: number): object => ({ ports: [{ name, containerPort }] });
    const spec = {
      containers: [{ ports: [{ containerPort: 1 }, { name: "dns", containerPort: 53, protocol: "UDP" }] }, {}],
      initContainers: [{ ...port("proxy", 2), restartPolicy: "Always" }, port("setup", 3)],
    };
    assert.deepEqual(pod(spec, running).namedPorts, [
      { name: "dns", protocol: "UDP", port: 53 },
      { name: "proxy", protocol: "TCP", port: 2 },
    ]);
  });

  it("read a policy without a spec as one that selects all and allows nothing", () =>
    assert.deepEqual(decodePolicy({ metadata: { name: "p", namespace: "n" } }), {
      metadata: { name: "p", namespace: "n" },
      spec: {},
    }));
});
