import assert from "node:assert/strict";

const token = /<\?xml [^?]*\?>|<\/([\w:-]+)>|<([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;

/** Fails unless the text is well-formed XML of the kind that is written here: no comments, CDATA or entities by name. */
export function assertWellFormed(text: string): void {
  const open: string[] = [];
  token.lastIndex = 0;
  for (let at = 0; at < text.length; at = token.lastIndex) {
    const found = token.exec(text);
    assert.ok(found, `no XML at: ${text.slice(at, at + 80)}`);
    const [whole, closing, opening, attributes = "", empty, plain = ""] = found;
    assert.doesNotMatch(`${attributes}${plain}`, /&(?!#\d+;)/, `a bare & in: ${whole}`);
    const names = [...attributes.matchAll(/([\w:-]+)=/g)].map(([, name]) => name);
    if (opening !== undefined) {
      assert.equal(new Set(names).size, names.length, `an attribute twice in: ${whole}`);
    }
    if (closing !== undefined) {
      assert.equal(open.pop(), closing);
    } else if (opening !== undefined && empty === "") {
      open.push(opening);
    } else if (open.length === 0) {
      assert.equal(plain.trim(), "");
    }
  }
  assert.deepEqual(open, []);
}
