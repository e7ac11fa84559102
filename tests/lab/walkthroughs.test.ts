// The walkthroughs in docs/walkthroughs: every command in them is run in the lab, in order, and its exit code and
// every output that the document shows are compared with what happens.
// Does not prove: values of the kinds that a document says vary, and what it leaves out by an ellipsis.
import * as fs from "node:fs";
import * as path from "node:path";
import { inTheLab } from "../walkthrough/place";
import { readWalkthrough } from "../walkthrough/read";
import { replay } from "../walkthrough/replay";
import { repository } from "./support/commands";
import { apply } from "./support/pulumi";

const folder = path.join("docs", "walkthroughs");
const documents = fs.readdirSync(path.join(repository, folder)).filter((name) => name.endsWith(".md"));

describe("the walkthroughs", () => {
  // A document may change the stack; the next one, and other tests, begin with the stack as it is in this checkout.
  afterEach(() => void apply("up"));

  for (const name of documents.sort()) {
    it(`${name} does what it says, command by command`, async function () {
      // Each command has a limit of its own.
      this.timeout(0);
      const document = path.join(folder, name);
      const steps = readWalkthrough(fs.readFileSync(path.join(repository, document), "utf8"), { document });
      const place = inTheLab();
      try {
        await replay(steps, { ...place, document, print: (line) => process.stdout.write(`      ${line}\n`) });
      } finally {
        place.remove();
      }
    });
  }
});
