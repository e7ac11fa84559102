import { NetworkVector } from "../vector";
import { container } from "./container";
import { gateway } from "./gateway";
import { lookUps } from "./look-ups";
import { names } from "./names";

/** What is tried by packets, whichever layers there are. */
export const networkVectors: NetworkVector[] = [...container, ...names, ...lookUps, ...gateway];
