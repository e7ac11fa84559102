import type { PageItem } from "./item";
import { element } from "./element";

/** Whether a thing, or something in its bundle, is meant. */
function holds({ search, facts }: PageItem, text: string): boolean {
  const members = facts.filter(({ searched }) => searched).flatMap(({ values }) => values);
  return search.includes(text) || members.some((member) => member.toLowerCase().includes(text));
}

interface Events {
  /** @param ids undefined when nothing is searched for */
  onMatches: (ids: readonly string[] | undefined) => void;
  /** The next of the matches is to be shown. */
  onEnter: (id: string) => void;
}

/** The search field: what holds the text stays lit, and Enter leads from one match to the next. */
export function makeSearch(items: ReadonlyMap<string, PageItem>, { onMatches, onEnter }: Events): void {
  const field = element("search") as HTMLInputElement;
  const count = element("count");
  let matches: string[] = [];
  let next = 0;

  const search = () => {
    const text = field.value.trim().toLowerCase();
    matches = text === "" ? [] : [...items.values()].filter((item) => holds(item, text)).map(({ id }) => id);
    next = 0;
    count.textContent = text === "" ? "" : `${matches.length} ${matches.length === 1 ? "match" : "matches"}`;
    onMatches(text === "" ? undefined : matches);
  };
  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && matches.length > 0) {
      onEnter(matches[next]!);
      count.textContent = `${next + 1} of ${matches.length}`;
      next = (next + 1) % matches.length;
    }
    if (event.key === "Escape") {
      field.value = "";
      search();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !(event.target instanceof HTMLInputElement)) {
      event.preventDefault();
      field.focus();
    }
  });
}
