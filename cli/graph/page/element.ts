/** An element of the page that is always there. */
export function element(id: string): HTMLElement {
  return document.getElementById(id)!;
}
