// The Mermaid form of a graph, and that nothing in it is read as Mermaid's or HTML's.
// Does not prove that Mermaid draws it well: nothing here runs Mermaid.
import assert from "node:assert/strict";
import { parseConfig } from "../../../../model";
import { graphOf, mermaid } from "../../../../model/graph";
import { now, soundConfig } from "../config/sound-config";
import { exampleCalls, exampleConfig } from "./example";

describe("a graph as Mermaid", () => {
  it("has a subgraph for each namespace and gateway, and a box for each rule", () => {
    const text = mermaid("Stack shop", graphOf(parseConfig(soundConfig(), { now })));
    assert.equal(
      text.slice(0, text.indexOf("  classDef")),
      `%% Stack shop
flowchart LR
  subgraph x0["namespace istio-workload"]
    x14["hammer"]
  end
  subgraph x1["namespace test-app"]
    x15["app-a"]
  end
  subgraph x2["Callers of guarded pods"]
    x7["anybody"]
  end
  subgraph x3["namespace istio-egress"]
    subgraph x11["gateway egress-gateway"]
      x18["no owner<br/>no reason given<br/>http + https"]:::allowed
    end
  end
  subgraph x4["External hosts"]
    x9(["github<br/>github.com"])
    x10(["httpbin<br/>httpbin.org"])
  end
  subgraph x5["Open to nobody"]
    x8(["Denied to everybody<br/>cnn.com"]):::closed
  end
  subgraph x6["Guarded pods"]
    x12["pods of istio-workload"]
    x13["pods of test-app"]
  end
  subgraph into["Into guarded pods"]
    x16["open<br/>nothing closes the namespace<br/>every port"]:::open
    x17["open<br/>nothing closes the namespace<br/>every port"]:::open
  end
  x7 --> x16 --> x12
  x7 --> x17 --> x13
  x15 --> x18 --> x9
`,
    );
  });

  it("says of what is called by http on port 80, and of no other port, that the gateway opens TLS", () => {
    const config = parseConfig(
      {
        ...soundConfig(),
        destinations: {
          payments: {
            hosts: ["api.pay.example"],
            protocols: ["http"],
            ports: ["8080/http", "8443/https"],
            originate: {},
          },
        },
        allow: [{ from: "test-app/app-a", to: "payments" }],
        deny: [],
      },
      { now },
    );
    assert.match(
      mermaid("Stack shop", graphOf(config)),
      /<br\/>http with TLS from the gateway \+ 8080\/http \+ 8443\/https"\]/,
    );
  });

  const text = mermaid("Stack lab\nend", graphOf(exampleConfig(), exampleCalls()));

  it("writes whatever is special as its number, and keeps the title on its line", () => {
    assert.ok(text.startsWith("%% Stack lab end\nflowchart LR\n"));
    const box = text.split("\n").find((line) => line.includes("onclick"));
    assert.ok(box);
    assert.match(
      box,
      /^ {6}x\d+\["no owner<br\/>#60;\/script#62;#60;b onclick#61;#34;x\(\)#34;#62;#38;amp#59; #34;quoted#34; #39;too#39; #96;tick#96; #35;35#59; #93;#93;#62; --#62;<br\/>http \+ https<br\/>0 allowed, 0 denied"\]:::allowed$/,
    );
  });

  it("ends refused ways with a cross, and dots those past the gateways", () => {
    const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
    const edges = graphOf(exampleConfig(), exampleCalls()).edges;
    assert.equal(count(/^ {2}x\d+ -\.-x x\d+ -\.-x x\d+$/gm), edges.filter(({ kind }) => kind === "refused").length);
    assert.equal(count(/^ {2}x\d+ -\.-> x\d+ -\.-> x\d+$/gm), 2);
    assert.equal(count(/:::unruled$/gm), 1);
  });

  it("stays short when somebody tries hundreds of hosts", () => {
    const [call] = exampleCalls();
    const hosts = Array.from({ length: 500 }, (_, index) => `host-${index}.example`);
    const tried = hosts.map((host) => ({ ...call!, host, allowed: false }));
    const long = mermaid("x", graphOf(exampleConfig(), tried));
    assert.match(
      long,
      /Named by no rule<br\/>host-0\.example<br\/>host-1\.example<br\/>host-10\.example<br\/>.*and 489 more/,
    );
    assert.match(
      long,
      /refused<br\/>host-0\.example, host-1\.example, and 498 more<br\/>https<br\/>0 allowed, 500 denied/,
    );
  });
});
