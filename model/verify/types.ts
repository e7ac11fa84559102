import { Manifest } from "../ground/manifest";

/** Which of its pods an attempt is made from: one as the workload's own, or one with its labels under another account. */
export type By = "workload" | "impostor";

/** What is known once the cluster was asked; attempts name it in capitals. */
export interface Known {
  /** Address and port that a gateway has dialled for the granted call. */
  DIALLED_ADDRESS?: string;
  DIALLED_PORT?: string;
  /** Address of a pod of the gateway that the granted call goes through. */
  GATEWAY_ADDRESS?: string;
  /** Address of the API server's Service. */
  API_ADDRESS?: string;
}

/** One call with curl from a pod. */
export interface Call {
  /** Unique within what a workload tries. */
  id: string;
  by: By;
  /** The pod's own container, or the sidecar's, whose user nothing redirects. */
  container: "own" | "sidecar";
  /**
   * `http` and `https` go through the sidecar; `raw` is any answer to a request; `connection` is one over TCP on which
   * nothing is sent.
   */
  how: "http" | "https" | "raw" | "connection";
  /** Options of curl's and a URL; a word in capitals, as `GATEWAY_ADDRESS`, stands for what is known by then. */
  args: string[];
}

/** A call that is granted and shows that a probe on its way works. */
export interface Twin extends Call {
  /** As a reader knows it: `https://github.com`. */
  title: string;
}

/** A call that is to be refused. */
export interface Attempt extends Call {
  /** What it tries, as a sentence goes on after "it tries". */
  tries: string;
  /** What is to stop it. */
  layer: string;
  /** Ids of the twins that have to pass, or nothing is known of it. */
  twins: string[];
}

/** An object that the API server is to refuse, asked by a dry run: nothing is made. */
export interface DryRun {
  namespace: string;
  tries: string;
  rule: string;
  refused: Manifest;
}

/** What is tried for one workload. */
export interface WorkloadPlan {
  /** `namespace/workload` */
  from: string;
  pods: Record<By, Manifest | undefined>;
  twins: Twin[];
  attempts: Attempt[];
}

export interface VerifyPlan {
  workloads: WorkloadPlan[];
  dryRuns: DryRun[];
  /** What the dry runs' API server has to let pass, by namespace. */
  ordinary: Manifest[];
  /** Workloads of which nothing can be shown, each with the reason. */
  left: { from: string; because: string }[];
}

/** What curl told of one call. */
export interface Told {
  exitCode: number;
  status: number;
  bodySize: number;
  fromEnvoy: boolean;
  hasUpstreamTime: boolean;
  /** Whether a connection was made. */
  connected: boolean;
}

export interface Row {
  from: string;
  tries: string;
  layer: string;
  /** `unknown` where a twin does not pass, or the answer could mean either. */
  result: "held" | "leaked" | "unknown";
  /** What the attempt was answered. */
  seen: string;
  /** The granted call beside it, and what that was answered; of several the one that did not pass. */
  twin: string;
}
