// What a report says of a configuration that is encrypted in part. Does not prove what Pulumi's engine hides itself.
import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError, ConfigProblem, parseConfig } from "../../../../model";
import { EncryptedPart, secretText } from "../../../../model/config/file/stack";
import { hiddenParts } from "../../../../model/config/secret";
import { now, soundConfig } from "./sound-config";

const secret = "hunter2-correct-horse";

function problemsOf(raw: Record<string, unknown>, encrypted: EncryptedPart[]): readonly ConfigProblem[] {
  try {
    parseConfig(raw, { now, encrypted });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
  return [];
}

/** All that a reader could see of it. */
function shown(problems: readonly ConfigProblem[]): string {
  return `${new ConfigError(problems).message}\n${JSON.stringify(problems)}`;
}

/** A workload of the sound configuration with this laid over it. */
function withApp(change: Record<string, unknown>): Record<string, unknown> {
  const workloads = soundConfig().workloads as Record<string, object>;
  return { ...soundConfig(), workloads: { ...workloads, "app-a": { ...workloads["app-a"], ...change } } };
}

const app = ["workloads", "app-a"] as const;

/** Mistakes in and beside something encrypted, with the text that must not be seen. */
const mistakes: { what: string; raw: Record<string, unknown>; encrypted: EncryptedPart[]; hidden?: string }[] = [
  { what: "a wrong type beside it", raw: withApp({ env: { T: secret, N: 5 } }), encrypted: [[...app, "env", "T"]] },
  { what: "a wrong type around it", raw: withApp({ command: { a: secret } }), encrypted: [[...app, "command", "a"]] },
  { what: "an unknown key around it", raw: withApp({ other: { is: secret } }), encrypted: [[...app, "other", "is"]] },
  { what: "an unknown key that is it", raw: withApp({ other: secret }), encrypted: [[...app, "other"]] },
  { what: "a port that is it", raw: withApp({ port: secret }), encrypted: [[...app, "port"]] },
  {
    what: "a namespace that is it, and that others name",
    raw: withApp({ namespace: secret }),
    encrypted: [[...app, "namespace"]],
  },
  { what: "a namespace in a whole that is encrypted", raw: withApp({ namespace: secret }), encrypted: [["workloads"]] },
  {
    what: "a number",
    raw: withApp({ image: 4711 }),
    encrypted: [[...app, "image"]],
    hidden: "4711",
  },
  {
    what: "labels that two workloads share",
    raw: {
      ...soundConfig(),
      workloads: Object.fromEntries(
        ["one", "two"].map((name) => [
          name,
          { namespace: "test-app", existing: { serviceAccount: name, selector: { key: secret } } },
        ]),
      ),
      allow: [],
    },
    encrypted: [
      ["workloads", "one", "existing", "selector", "key"],
      ["workloads", "two", "existing", "selector", "key"],
    ],
  },
  {
    what: "an annotation whose keys would be told",
    raw: withApp({ pod: { metadata: { annotations: { "proxy.istio.io/config": `${secret}: 1` } } } }),
    encrypted: [[...app, "pod", "metadata", "annotations", "proxy.istio.io/config"]],
  },
  ...["containers", "initContainers", "volumes"].map((list) => ({
    what: `an entry of ${list} that is none`,
    raw: withApp({ pod: { spec: { [list]: [4711] } } }),
    encrypted: [[...app, "pod", "spec", list, 0]] as EncryptedPart[],
    hidden: "4711",
  })),
  { what: "Istio's values", raw: { ...soundConfig(), mesh: { values: secret } }, encrypted: [["mesh", "values"]] },
  { what: "a version", raw: { ...soundConfig(), mesh: { version: secret } }, encrypted: [["mesh", "version"]] },
  { what: "the whole of a key", raw: { ...soundConfig(), mesh: secret }, encrypted: [["mesh"]] },
  { what: "a key that must not be encrypted", raw: { ...soundConfig(), deny: [secret] }, encrypted: [["deny", 0]] },
  { what: "a key that nobody knows", raw: { ...soundConfig(), alow: secret }, encrypted: [["alow"]] },
];

describe("an encrypted part of the configuration", () => {
  for (const { what, raw, encrypted, hidden = secret } of mistakes) {
    it(`is not shown by what is said of ${what}`, () => {
      const problems = problemsOf(raw, encrypted);
      assert.ok(problems.length > 0);
      assert.doesNotMatch(shown(problems), new RegExp(hidden, "i"));
    });
  }

  it("would be shown by these reports if it were not encrypted", () => {
    const open = mistakes.filter(({ raw, hidden = secret }) => {
      const problems = problemsOf(raw, []);
      return problems.length > 0 && shown(problems).includes(hidden);
    });
    // What is right is in no report.
    assert.deepEqual(
      mistakes.filter((mistake) => !open.includes(mistake)).map(({ what }) => what),
      ["a wrong type beside it"],
    );
  });

  it("leaves everything else of a report readable", () => {
    const raw = withApp({ env: { T: secret, N: 5 }, port: 99999 });
    const problems = problemsOf(raw, [[...app, "env", "T"]]);
    assert.deepEqual(
      problems.map(({ path, value }) => [path, value]),
      [
        ["istio-egress:workloads.app-a.port", 99999],
        ["istio-egress:workloads.app-a.env.N", 5],
      ],
    );
  });

  it("that a program has read is told how to be looked at, and one that a command cannot read what to do", () => {
    const [read] = problemsOf(withApp({ port: secret }), [[...app, "port"]]);
    assert.equal(read!.value, secretText);
    assert.equal(read!.fix, "see what it says: pulumi config get --path 'istio-egress:workloads.app-a.port'");
    const [unread] = problemsOf(withApp({ port: secretText }), [[...app, "port"]]);
    assert.match(unread!.problem, /no command can read it/);
    assert.match(unread!.fix!, /set it again without --secret/);
  });

  it("hides which workloads there are, and then rules and owners are not told that theirs is none", () => {
    const admission = { mode: "warn", owners: { "test-app/app-a": { users: ["ada@example.com"] } } };
    const raw = { ...soundConfig(), admission, workloads: secretText };
    assert.deepEqual(
      problemsOf(raw, [["workloads"]]).map(({ path }) => path),
      ["istio-egress:workloads"],
    );
    const shapeless = [...(soundConfig().allow as object[]), { from: "app-a", to: "github" }];
    assert.deepEqual(
      problemsOf({ ...raw, allow: shapeless }, [["workloads"]]).map(({ path }) => path),
      ["istio-egress:workloads", `istio-egress:allow[${shapeless.length - 1}].from`],
    );
  });

  it("is fine where it may be", () => {
    assert.deepEqual(problemsOf(withApp({ env: { T: secret } }), [[...app, "env", "T"]]), []);
  });

  it("is in no report, whatever it is and wherever it is put", () => {
    const places: ((text: string) => [Record<string, unknown>, EncryptedPart])[] = [
      (text) => [withApp({ image: [text] }), [...app, "image", 0]],
      (text) => [withApp({ env: [text] }), [...app, "env", 0]],
      (text) => [withApp({ namespace: text }), [...app, "namespace"]],
      (text) => [withApp({ replicas: text }), [...app, "replicas"]],
      (text) => [withApp({ serviceAccount: text }), [...app, "serviceAccount"]],
      (text) => [{ ...soundConfig(), mesh: { kind: text } }, ["mesh", "kind"]],
      (text) => [{ ...soundConfig(), mesh: { version: text } }, ["mesh", "version"]],
    ];
    // Letters that no report and no configuration has, so that what is seen of them can only be the secret.
    const texts = fc.string({
      unit: fc.constantFrom("ж", "ю", "Ω", " ", "$", "\n", '"'),
      minLength: 3,
      maxLength: 200,
    });
    const telling = texts.filter((text) => /[жюΩ]/.test(text));
    fc.assert(
      fc.property(fc.constantFrom(...places), telling, (place, text) => {
        const [raw, part] = place(text);
        const problems = problemsOf(raw, [part]);
        assert.ok(problems.length > 0);
        assert.doesNotMatch(shown(problems), /[жюΩ]/);
      }),
    );
  });
});

describe("what a program hides of a key that the engine calls encrypted", () => {
  const value = { a: { env: { T: secret, L: "debug" } }, list: [1, secret] };

  it("is what the stack's file does not say in the clear", () => {
    const inFile = { a: { env: { T: secretText, L: "debug" } }, list: [1, secretText] };
    assert.deepEqual(hiddenParts(value, inFile, ["workloads"]), [
      ["workloads", "a", "env", "T"],
      ["workloads", "list", 1],
    ]);
  });

  it("is all of it where the file is another's, or cannot be read", () => {
    assert.deepEqual(hiddenParts(value, undefined, ["workloads"]), [["workloads"]]);
    assert.deepEqual(hiddenParts(value, { a: "x" }, ["workloads"]), [
      ["workloads", "a"],
      ["workloads", "list"],
    ]);
  });
});
