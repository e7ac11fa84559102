/** Nodes of the gateway's own. */
export interface GatewayPlacement {
  nodeSelector: Record<string, string>;
  tolerations: { key: string; operator: "Equal"; value: string; effect: "NoSchedule" }[];
  /** Zones in which there are such nodes; with more than one, none may have two pods more than another. */
  zones: number;
}
