export { Decision, decider, Ending, GatewayPod, isRefused, nothingPassed } from "./decision";
export { LogEntry, parseEntry } from "./entry";
