/**
 * Access for some hours beside a stack's file: recorded on the cluster, planned as a rule would be, and ended by the gateway
 * itself. Pure: applying it is the caller's.
 */
export { beyondReach, objectChanges, type ObjectChange } from "./change";
export {
  type BreakGlass,
  breakGlassLabel,
  breakGlassName,
  breakGlassObject,
  isOver,
  readBreakGlass,
  withBreakGlass,
} from "./record";
export { type Asked, checkRequest } from "./request";
