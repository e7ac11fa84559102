export { type Client, type Grant, type Grants, grantsOf, type Meaning } from "./grants";
export { type BesideTarget, type DestinationTarget, protocolsOf, type Target, type Way } from "./targets";
