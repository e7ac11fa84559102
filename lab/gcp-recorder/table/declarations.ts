import * as ts from "typescript";
import { Field, Kind, Shape } from "./shapes";

/** The interfaces of a declaration file by their names, with those of the namespaces that they stand in before them. */
export function interfacesOf(file: ts.SourceFile): Map<string, Shape> {
  const found = new Map<string, Shape>();
  const visit = (statements: readonly ts.Statement[], prefix: string): void => {
    for (const statement of statements) {
      if (ts.isInterfaceDeclaration(statement)) {
        found.set(`${prefix}${statement.name.text}`, shapeOf(statement.members));
      } else if (ts.isModuleDeclaration(statement) && statement.body && ts.isModuleBlock(statement.body)) {
        visit(statement.body.statements, `${prefix}${statement.name.text}.`);
      }
    }
  };
  visit(file.statements, "");
  return found;
}

/** The instance properties of the classes of a declaration file, by the class's name. */
export function classesOf(file: ts.SourceFile): Map<string, Shape> {
  const classes = file.statements.filter(ts.isClassDeclaration);
  return new Map(classes.map((declared) => [declared.name?.text ?? "", shapeOf(declared.members)]));
}

function shapeOf(members: readonly (ts.TypeElement | ts.ClassElement)[]): Shape {
  const shape: Shape = {};
  for (const member of members) {
    if ((ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)) && member.type && !isStatic(member)) {
      shape[nameOf(member.name)] = fieldOf(member.type, member.questionToken !== undefined);
    }
  }
  return shape;
}

function isStatic(member: ts.PropertySignature | ts.PropertyDeclaration): boolean {
  return member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false;
}

function nameOf(name: ts.PropertyName): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : "";
}

/** An output without a question mark may be undefined all the same: `Output<string | undefined>`. */
function fieldOf(type: ts.TypeNode, isMarked: boolean): Field {
  const inner = unwrapped(type);
  const kind = kindOf(inner);
  return isMarked || isUndefinable(inner) ? { kind, optional: true } : { kind };
}

/** What an Input or Output is of: the package wraps every level of a value in one. */
function unwrapped(type: ts.TypeNode): ts.TypeNode {
  if (ts.isParenthesizedTypeNode(type)) {
    return unwrapped(type.type);
  }
  const [inner] = ts.isTypeReferenceNode(type) && isWrapper(type) ? (type.typeArguments ?? []) : [];
  return inner === undefined ? type : unwrapped(inner);
}

function isWrapper({ typeName }: ts.TypeReferenceNode): boolean {
  return ["pulumi.Input", "pulumi.Output"].includes(dotted(typeName));
}

function kindOf(type: ts.TypeNode): Kind {
  const node = unwrapped(type);
  switch (node.kind) {
    case ts.SyntaxKind.StringKeyword:
      return "string";
    case ts.SyntaxKind.NumberKeyword:
      return "number";
    case ts.SyntaxKind.BooleanKeyword:
      return "boolean";
  }
  if (ts.isArrayTypeNode(node)) {
    return { list: kindOf(node.elementType) };
  }
  if (ts.isTypeLiteralNode(node)) {
    const index = node.members.find(ts.isIndexSignatureDeclaration);
    return index === undefined ? "any" : { map: kindOf(index.type) };
  }
  if (ts.isTypeReferenceNode(node)) {
    const name = dotted(node.typeName);
    return /^(inputs|outputs)\./.test(name) ? { object: name } : "any";
  }
  if (ts.isUnionTypeNode(node)) {
    const [only, ...others] = node.types.filter((part) => part.kind !== ts.SyntaxKind.UndefinedKeyword);
    return only !== undefined && others.length === 0 ? kindOf(only) : "any";
  }
  return "any";
}

function isUndefinable(type: ts.TypeNode): boolean {
  return ts.isUnionTypeNode(type) && type.types.some(({ kind }) => kind === ts.SyntaxKind.UndefinedKeyword);
}

function dotted(name: ts.EntityName): string {
  return ts.isIdentifier(name) ? name.text : `${dotted(name.left)}.${name.right.text}`;
}
