export { isPastOrigination, whyNoWay } from "./possible";
export { endingsOf, type Ending, lateEnds, type RuleEnd, ruleEnd } from "./ends";
export { neededAnnotations, isTunnelled } from "./annotations-needed";
export { answeredNames, answeredWarnings } from "./answered-names";
export { type Client, type Grant, type Grants, grantsOf, type Meaning } from "./grants";
export {
  type BesideTarget,
  type DestinationTarget,
  connectPorts,
  dialledPorts,
  heldRangesOf,
  isByAddress,
  isByConnect,
  isDirect,
  isOriginated,
  isPastSidecar,
  knownNames,
  privateRangesOf,
  protocolsOf,
  spokenTo,
  type Target,
  type Way,
} from "./targets";
export { type Caller, callersOf } from "./identities";
export { isNameAnswered, isNameRefused } from "./names";
export { type Reporting, reportedOf } from "./reported";
