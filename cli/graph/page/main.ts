import type { PageItem } from "./item";
import { element } from "./element";
import { makeLight } from "./light";
import { makePanel } from "./panel";
import { makeSearch } from "./search";
import { makeThemeSwitch } from "./theme";
import { makeView } from "./view";

const items = new Map((JSON.parse(element("data").textContent) as PageItem[]).map((item) => [item.id, item] as const));
const picture = element("picture");
const parts = new Map([...picture.querySelectorAll<SVGGElement>("[data-id]")].map((part) => [part.dataset.id!, part]));

const view = makeView(picture as Element as SVGSVGElement);
const light = makeLight(picture, parts, items);
const panel = makePanel(items, {
  onOpen: (id) => {
    light.select(id);
    view.reveal(withRelated(id));
  },
  onClose: (id) => {
    light.select(undefined);
    parts.get(id)?.focus({ preventScroll: true });
  },
});
makeSearch(items, {
  onMatches: (ids) => light.search(ids),
  onEnter: (id) => view.zoomTo(withRelated(id)),
});
makeThemeSwitch();

for (const [id, part] of parts) {
  part.setAttribute("tabindex", "0");
  part.setAttribute("role", "button");
  part.setAttribute("aria-label", items.get(id)!.title);
}

/** A part and all that belong to it, but for gateways, whose frames may hold anything. */
function withRelated(id: string): SVGGraphicsElement[] {
  const related = items.get(id)!.related.map((other) => parts.get(other)!);
  return [parts.get(id)!, ...related.filter((part) => !part.classList.contains("frame"))];
}

function idAt(target: EventTarget | null): string | undefined {
  return target instanceof Element ? target.closest<SVGGElement>("[data-id]")?.dataset.id : undefined;
}

picture.addEventListener("click", ({ target }) => {
  const id = idAt(target);
  if (id === undefined) {
    panel.close();
  } else {
    panel.open(id);
  }
});
picture.addEventListener("keydown", (event) => {
  const id = idAt(event.target);
  if (id !== undefined && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    panel.open(id);
  }
});
picture.addEventListener("pointerover", ({ target }) => light.hover(idAt(target)));
picture.addEventListener("pointerleave", () => light.hover(undefined));
picture.addEventListener("focusin", ({ target }) => {
  const id = idAt(target);
  light.hover(id);
  if (id !== undefined && (target as Element).matches(":focus-visible")) {
    view.reveal([parts.get(id)!]);
  }
});

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-open]")) {
  button.addEventListener("click", () => {
    const id = button.dataset.open!;
    panel.open(id);
    view.zoomTo(withRelated(id));
  });
}
element("zoom-in").addEventListener("click", () => view.scaleBy(1.4));
element("zoom-out").addEventListener("click", () => view.scaleBy(1 / 1.4));
element("fit").addEventListener("click", () => view.fit());

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    panel.close();
  }
});
