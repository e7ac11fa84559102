// Every type that somebody meets in the arguments and the properties of components is to be had where the components are.
import assert from "node:assert/strict";
import * as path from "node:path";
import ts from "typescript";

const root = path.join(__dirname, "../../..");
const entries = ["components/index.ts", "components/gke.ts"].map((file) => path.join(root, file));

/** The names of this package's own types that a declaration mentions in public. */
function mentioned(declaration: ts.Declaration, checker: ts.TypeChecker): Map<string, ts.Symbol> {
  const found = new Map<string, ts.Symbol>();
  const visit = (node: ts.Node): void => {
    const isHidden =
      ts.canHaveModifiers(node) &&
      ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) === true;
    if (isHidden || ts.isBlock(node)) {
      return;
    }
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
      const symbol = checker.getSymbolAtLocation(ts.isTypeReferenceNode(node) ? node.typeName : node.expression);
      const original =
        symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const file = original?.declarations?.[0]?.getSourceFile().fileName;
      const isParameter = (original?.flags ?? 0) & ts.SymbolFlags.TypeParameter;
      if (original !== undefined && file !== undefined && !file.includes("node_modules") && !isParameter) {
        found.set(original.name, original);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return found;
}

describe("the package's entries", () => {
  it("export every type that their components' arguments and properties name", () => {
    const program = ts.createProgram(entries, {
      strict: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      noEmit: true,
      skipLibCheck: true,
    });
    const checker = program.getTypeChecker();
    let examined = 0;
    for (const entry of entries) {
      const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!;
      const exported = new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]));
      const own = [...exported.values()]
        .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
        .flatMap((symbol) => symbol.declarations ?? [])
        // What the configuration and errors consist of is the model's to tell.
        .filter((declaration) => declaration.getSourceFile().fileName.includes("/components/"));
      for (const declaration of own) {
        for (const [name] of mentioned(declaration, checker)) {
          examined += 1;
          const at = (declaration as ts.NamedDeclaration).name?.getText() ?? "?";
          assert.ok(exported.has(name), `${path.basename(entry)} exports ${at}, which names ${name}, but not ${name}`);
        }
      }
    }
    assert.ok(examined > 30, `${examined} names were found`);
  });
});
