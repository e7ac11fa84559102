export * from "./bundle";
export * from "./facts";
export * from "./graph";
export * from "./mermaid";
export * from "./types";
export * from "./words";
