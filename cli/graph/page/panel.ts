import type { PageItem } from "./item";
import { element } from "./element";

export interface Panel {
  open(id: string): void;
  /** Does nothing when it is closed. */
  close(): void;
}

interface Events {
  onOpen: (id: string) => void;
  onClose: (id: string) => void;
}

/** The panel that tells everything about one thing. All of it is written as text, never as markup. */
export function makePanel(items: ReadonlyMap<string, PageItem>, { onOpen, onClose }: Events): Panel {
  const panel = element("panel");
  const closeButton = element("panel-close");
  let shown: string | undefined;

  const open = (id: string) => {
    const item = items.get(id)!;
    shown = id;
    element("panel-title").textContent = item.title;
    element("panel-facts").replaceChildren(...item.facts.flatMap(factElements));
    element("panel-links").replaceChildren(...item.links.map((link) => linkElement(link, open)));
    panel.hidden = false;
    panel.scrollTop = 0;
    closeButton.focus({ preventScroll: true });
    onOpen(id);
  };
  const close = () => {
    if (shown !== undefined) {
      const id = shown;
      shown = undefined;
      panel.hidden = true;
      onClose(id);
    }
  };
  closeButton.addEventListener("click", close);
  return { open, close };
}

function factElements({ name, values }: PageItem["facts"][number]): HTMLElement[] {
  return [textElement("dt", name), ...values.map((value) => textElement("dd", value))];
}

function linkElement({ id, text }: PageItem["links"][number], open: (id: string) => void): HTMLElement {
  const button = textElement("button", text);
  button.addEventListener("click", () => open(id));
  const line = document.createElement("li");
  line.append(button);
  return line;
}

function textElement(name: "dt" | "dd" | "button", text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
