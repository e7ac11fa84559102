export { calledName, Decision, decider, Ending, isRefused, LogPlace, nothingPassed } from "./decision";
export { LogEntry, parseEntry } from "./entry";
export { ocsfEvent } from "./ocsf";
