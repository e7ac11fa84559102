export { Decision, decider, GatewayPod } from "./decision";
export { LogEntry, parseEntry } from "./entry";
