import type { Fact } from "../../../model/graph/fact";

/** What a page knows of one thing in its picture. */
export interface PageItem {
  /** The `data-id` of its element. */
  id: string;
  title: string;
  facts: Fact[];
  /** Other things, to be opened from this one. */
  links: { id: string; text: string }[];
  /** Ids of what belongs to it: an edge's ends, a node's edges and their ends. */
  related: string[];
  /** What a search looks through, in lower case. */
  search: string;
}
