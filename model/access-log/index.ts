export { calledName, Decision, decider, Ending, isRefused, LogPlace, nothingPassed } from "./decision";
export { nameDecision, parseRefusedName, RefusedName } from "./names";
export { LogEntry, parseEntry } from "./entry";
export { ocsfEvent } from "./ocsf";
