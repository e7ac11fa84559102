export { additionsOf, seenText } from "./additions";
export * from "./proposal";
export { callUrl, readRecorded, type NoCall, type Outcome, type RecordedCall } from "./recorded";
export { type Mark } from "./standing";
export { type CountedCall, mostDifferent, Tally, type TallyNumbers, together } from "./tally";
export * from "./replay";
export * from "./usage";
