export { dnsCaptureWarnings, isTunnelled } from "./dns-capture";
export { type Client, type Grant, type Grants, grantsOf, type Meaning } from "./grants";
export {
  type BesideTarget,
  type DestinationTarget,
  connectPorts,
  isByConnect,
  protocolsOf,
  spokenTo,
  type Target,
  type Way,
} from "./targets";
