import { appLabels } from "../labels";
import { Fields, isObject, mergeDeep } from "../objects";
import { sortedBy } from "../order";

/** What a workload's pods are made of. */
export interface PodArgs {
  /** Name of the workload, of its ServiceAccount and of its first container. */
  name: string;
  image: string;
  /** Port on which the container serves HTTP. @default none */
  port?: number;
  /** More ports of the container, by their names. @default {} */
  ports?: Record<string, number>;
  /** @default the image's entrypoint */
  command?: string[];
  /** @default the image's command */
  args?: string[];
  /** @default {} */
  env?: Record<string, string>;
  /** Part of a pod template that is laid over the one that follows from the rest. @default {} */
  pod?: PodPatch;
}

/** Part of a pod template, as Kubernetes has it. */
export interface PodPatch {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: Fields;
}

export interface PodTemplate {
  metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
  spec: Fields;
}

/** As Pod Security's `restricted` asks, but for runAsNonRoot: an image's user is not ours to choose. */
const containerSecurity = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

/** The lists of a pod whose entries meet by a key of theirs, as in Kubernetes' own strategic merge; others are replaced. */
const mergeKeys: Record<string, string> = {
  containers: "name",
  initContainers: "name",
  volumes: "name",
  env: "name",
  imagePullSecrets: "name",
  ports: "containerPort",
  volumeMounts: "mountPath",
};

/**
 * The template of a workload's pods: one container, under the workload's own ServiceAccount, and over it whatever the
 * workload says itself. A null takes a field away; each container has our security context where it says nothing else.
 * Whether the result opens the guard is for `podProblems` to say.
 */
export function podTemplate(args: PodArgs): PodTemplate {
  const ours: Fields = {
    metadata: { labels: appLabels(args.name) },
    spec: {
      serviceAccountName: args.name,
      // The sidecar mounts a token of its own; an application that is to reach nothing but its hosts needs none.
      automountServiceAccountToken: false,
      containers: [container(args)],
    },
  };
  const { metadata, spec } = patched(ours, { ...args.pod }) as unknown as PodTemplate;
  const secured = Object.fromEntries(
    Object.entries(spec).map(([key, value]) => [
      key,
      /^(initC|c)ontainers$/.test(key) && Array.isArray(value) ? value.map(withSecurity) : value,
    ]),
  );
  return { metadata, spec: secured };
}

function container({ name, image, port, ports = {}, command, args, env = {} }: PodArgs): Fields {
  const variables = sortedBy(Object.entries(env), ([variable]) => variable);
  const opened = [
    ...(port === undefined ? [] : [{ name: "http", containerPort: port, protocol: "TCP" }]),
    ...sortedBy(Object.entries(ports), ([portName]) => portName).map(([portName, containerPort]) => ({
      name: portName,
      containerPort,
      protocol: "TCP",
    })),
  ];
  return {
    name,
    image,
    imagePullPolicy: "IfNotPresent",
    ...(command === undefined ? {} : { command }),
    ...(args === undefined ? {} : { args }),
    ...(variables.length === 0 ? {} : { env: variables.map(([variable, value]) => ({ name: variable, value })) }),
    ...(opened.length === 0 ? {} : { ports: opened }),
  };
}

function withSecurity(written: unknown): unknown {
  if (!isObject(written)) {
    return written;
  }
  const { securityContext = {}, ...rest } = written;
  return {
    ...rest,
    securityContext: isObject(securityContext) ? mergeDeep(containerSecurity, securityContext) : securityContext,
  };
}

/** The key by which entries of a list meet; undefined where a list is one value. */
export function mergeKeyOf(list: PropertyKey): string | undefined {
  return typeof list === "string" && Object.hasOwn(mergeKeys, list) ? mergeKeys[list] : undefined;
}

function patched(base: Fields, patch: Fields): Fields {
  const result: Fields = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    const current = result[key];
    const mergeKey = mergeKeyOf(key);
    if (value === null || value === undefined) {
      delete result[key];
    } else if (isObject(value)) {
      result[key] = patched(isObject(current) ? current : {}, value);
    } else if (Array.isArray(value) && mergeKey !== undefined) {
      result[key] = patchedList(Array.isArray(current) ? current : [], value, key, mergeKey);
    } else {
      result[key] = value;
    }
  }
  return result;
}

function patchedList(base: unknown[], patch: unknown[], list: string, mergeKey: string): unknown[] {
  const result = [...base];
  for (const entry of patch) {
    const index = isObject(entry)
      ? result.findIndex((other) => isObject(other) && other[mergeKey] === entry[mergeKey])
      : -1;
    const current = result[index];
    // A variable has a value or a reference: one that is written anew takes the place of the other.
    const merged = isObject(entry) ? patched(isObject(current) && list !== "env" ? current : {}, entry) : entry;
    if (index === -1) {
      result.push(merged);
    } else {
      result[index] = merged;
    }
  }
  return result;
}
