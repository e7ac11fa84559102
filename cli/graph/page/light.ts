import type { PageItem } from "./item";

export interface Light {
  /** Shows one thing and what belongs to it. */
  select(id: string | undefined): void;
  /** Shows what a search has found; undefined when nothing is searched for. */
  search(ids: readonly string[] | undefined): void;
  hover(id: string | undefined): void;
}

/** Lets what is not looked at fade. What is selected comes before what is searched for, and that before the pointer. */
export function makeLight(
  picture: Element,
  parts: ReadonlyMap<string, Element>,
  items: ReadonlyMap<string, PageItem>,
): Light {
  let selected: string | undefined;
  let found: readonly string[] | undefined;
  let hovered: string | undefined;

  const show = () => {
    const looked = selected !== undefined ? [selected] : (found ?? (hovered === undefined ? undefined : [hovered]));
    const lit = new Set(looked?.flatMap((id) => [id, ...items.get(id)!.related]));
    picture.classList.toggle("dimmed", looked !== undefined);
    for (const [id, part] of parts) {
      part.classList.toggle("lit", lit.has(id));
      part.classList.toggle("found", found !== undefined && found.includes(id));
      part.classList.toggle("selected", id === selected);
    }
  };
  return {
    select: (id) => {
      selected = id;
      show();
    },
    search: (ids) => {
      found = ids;
      show();
    },
    hover: (id) => {
      if (id !== hovered) {
        hovered = id;
        show();
      }
    },
  };
}
