"use strict";
const path = require("node:path");
const tseslint = require("typescript-eslint");

/**
 * What a room of the house may not import, and why; docs/architecture.md has the whole picture.
 * Tests are free: they look at a room from outside.
 */
function house(files, { rooms = [], packages = [], because }) {
  const patterns = [
    ...(rooms.length > 0 ? [{ regex: `^(\\.{1,2}/)+(${rooms.join("|")})(/|$)`, message: because }] : []),
    ...packages.map((name) => ({ regex: `^${name}(/|$)`, message: because })),
  ];
  return { files, rules: { "no-restricted-imports": ["error", { patterns }] } };
}

/**
 * The rooms of the model, from the ground up. Each may know those before it and no other, so there is no circle between
 * them; model/index.ts is for those outside, and may know them all.
 */
const modelRooms = [
  ...["ground", "config", "grants", "gke", "plan"],
  ...[
    "callers",
    "verdict",
    "observation",
    "explain",
    "access-log",
    "traffic",
    "graph",
    "diff",
    "render",
    "tls",
    "doctor",
    "report",
    "break-glass",
    "verify",
  ],
];

/** Holds the order of the model's rooms. */
const modelOrder = {
  create(context) {
    const model = path.join(__dirname, "model");
    const roomOf = (file) => path.relative(model, file).split(path.sep)[0].replace(/\.ts$/, "");
    const own = roomOf(context.filename);
    const check = (source) => {
      if (source?.type !== "Literal" || !String(source.value).startsWith(".")) {
        return;
      }
      const room = roomOf(path.resolve(path.dirname(context.filename), source.value));
      // What leads out of the model is for the rule of its house.
      if (room === own || room === "..") {
        return;
      }
      const known = modelRooms.slice(0, Math.max(0, modelRooms.indexOf(own)));
      if (own !== "index" && !known.includes(room)) {
        const message = `model/${own} may know what is below it in eslint.config.js: ${known.join(", ") || "nothing"}.`;
        context.report({ node: source, message });
      }
    };
    return {
      ImportDeclaration: ({ source }) => check(source),
      ExportNamedDeclaration: ({ source }) => check(source),
      ExportAllDeclaration: ({ source }) => check(source),
      ImportExpression: ({ source }) => check(source),
      TSImportType: ({ source }) => check(source),
    };
  },
};

module.exports = tseslint.config(
  // Examples are programs of their own: they are compiled where the package is installed.
  { ignores: ["dist/", "examples/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: ["./tsconfig.json", "./cli/graph/page/tsconfig.json"], tsconfigRootDir: __dirname },
    },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "no-constant-condition": ["error", { checkLoops: false }],
      "no-debugger": "error",
      "no-self-compare": "error",
      "no-unreachable-loop": "error",
      "no-unsafe-finally": "error",
      "no-useless-assignment": "error",
      "no-useless-escape": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      // It takes a plain `unknown` for an object, and what a cluster sends is unknown everywhere.
      "@typescript-eslint/no-base-to-string": "off",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        {
          allowNumber: true,
          allowBoolean: true,
          allow: [{ from: "package", package: "url", name: "URLSearchParams" }],
        },
      ],
      // A method may be async because its interface is.
      "@typescript-eslint/require-await": "off",
    },
  },
  {
    // Tests look into parsed JSON and recorded resources; a wrong guess there fails the test.
    files: ["tests/**"],
    rules: {
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
  {
    files: ["**/*.js"],
    languageOptions: { sourceType: "commonjs" },
    rules: { eqeqeq: "error", "no-unused-vars": "error", strict: ["error", "global"] },
  },
  house(["model/**"], {
    rooms: ["cli", "lab", "components"],
    packages: ["@pulumi"],
    because: "model/ is pure: it knows nothing of Pulumi, a cluster or the lab.",
  }),
  {
    files: ["model/**/*.ts"],
    plugins: { house: { rules: { "model-order": modelOrder } } },
    rules: { "house/model-order": "error" },
  },
  house(["lab/**"], {
    rooms: ["cli", "components"],
    because: "lab/ boots a mesh for anybody: it knows nothing of this stack's components or commands.",
  }),
  house(["components/**"], {
    rooms: ["cli", "lab"],
    because: "components/ run on any cluster: they know the model and Pulumi alone.",
  }),
  house(["cli/**"], {
    rooms: ["components", "lab"],
    because: "cli/ reads the plan that components apply, not the components; it is published, and the lab is not.",
  }),
  house(["index.ts"], {
    rooms: ["cli", "lab", "model"],
    packages: ["@pulumi"],
    because: "index.ts says what there is: components put it together.",
  }),
);
