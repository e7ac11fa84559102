import { Page } from "playwright-core";

/**
 * Labels of a picture that run over: out of their box, or into another label of the same one. Each as its text and
 * the two boxes; a pixel is allowed for rounding.
 */
export function labelsThatRunOver(page: Page): Promise<string[]> {
  // As text, since the tests are type-checked for Node, which has no document.
  return page.evaluate<string[]>(`(() => {
    const found = [];
    const show = (box) => [box.left, box.top, box.right, box.bottom].map(Math.round).join(" ");
    for (const part of document.querySelectorAll(".egress .node, .egress .edge, .egress .frame")) {
      const box = part.querySelector("rect").getBoundingClientRect();
      const texts = [...part.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
      texts.forEach(([text, inner], index) => {
        if (inner.left < box.left - 1 || inner.right > box.right + 1 || inner.top < box.top - 1 || inner.bottom > box.bottom + 1) {
          found.push(text + ": " + show(inner) + " is not inside " + show(box));
        }
        for (const [otherText, other] of texts.slice(index + 1)) {
          const apart = other.left >= inner.right || other.right <= inner.left || other.top >= inner.bottom - 4 || other.bottom - 4 <= inner.top;
          if (!apart) {
            found.push(text + " runs into " + otherText);
          }
        }
      });
    }
    return found;
  })()`);
}
