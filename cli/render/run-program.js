"use strict";
/**
 * Runs a Pulumi program as Pulumi does, by the part of the program's own SDK that its engine starts, but without the
 * engine: what the program asks for is written down, and nothing is made. A process of its own, and plain JavaScript,
 * because programs bring compilers and versions of their own.
 *
 * Called with the file of a request, {sdk, program, project, stack, config, secrets, answer}, in the program's folder.
 * Ends with 0, and the resources in the file `answer`, when the program has come to its end.
 */
const fs = require("node:fs");
const path = require("node:path");

const { sdk, program, project, stack, config, secrets, answer } = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const pulumi = require(sdk);

const resources = [];
const mocks = {
  newResource: ({ type, name, inputs, custom }) => {
    resources.push({ type, name, inputs, custom });
    // Of a resource that has no id yet, every output that is not an input is unknown.
    return { id: undefined, state: inputs };
  },
  call: () => ({}),
};

async function main() {
  await pulumi.runtime.setMocks(mocks, project, stack, true);
  pulumi.runtime.setAllConfig(config, secrets);
  process.on("exit", (code) => {
    if (code === 0) {
      fs.writeFileSync(answer, JSON.stringify(resources));
    }
  });
  // It asks for a monitor's address, and connects to none: the mocks are the monitor.
  const options = [`--project=${project}`, `--stack=${stack}`, "--dry-run", "--monitor=none"];
  process.argv.splice(2, 1, ...options, program);
  require(path.join(path.dirname(sdk), "cmd", "run"));
}

void main();
