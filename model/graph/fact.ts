/**
 * One thing to know about a node or an edge; each value is a line. The page's script reads it in a browser, so this file
 * imports nothing of what runs in Node.
 */
export interface Fact {
  name: string;
  values: string[];
  /** Whether a search looks through its values. */
  searched?: true;
}
