import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { Platform, PlatformArgs } from "../../../components";
import { parseConfig, StackConfig } from "../../../model";
import { computed } from "./cluster/computed";

/** A resource as the engine is asked for it. */
export interface Registration {
  /** The part of its URN that this package answers for: the types of its parents and itself, and its name. */
  urn: string;
  type: string;
  name: string;
  inputs: any;
  /** URN and id of the provider; empty for a component. */
  provider: string;
  /** Kinds and names of what it waits for. */
  waitsFor: string[];
}

/** The day on which the tests read every allowlist. */
export const today = new Date("2026-10-01T00:00:00Z");

/** The `istio-egress:*` keys of stacks/Pulumi.lab.yaml, without their prefix. */
export function labSettings(): Record<string, unknown> {
  const file = path.join(__dirname, "../../../stacks/Pulumi.lab.yaml");
  const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  const entries = Object.entries(config).filter(([key]) => key.startsWith("istio-egress:"));
  return Object.fromEntries(entries.map(([key, value]) => [key.slice("istio-egress:".length), value]));
}

export function labConfig(): StackConfig {
  return parseConfig(labSettings(), { now: today });
}

/** Stands for the engine: answers every registration, at once or when the test lets it. */
export class RecordingEngine {
  readonly asked: Pick<Registration, "type" | "name" | "inputs" | "provider">[] = [];
  private readonly held = new Map<string, Promise<void>>();

  /** Makes the engine sit on the resource of that name, as on a release that rolls out, until the result is called. */
  hold(name: string): () => void {
    let release: () => void = () => undefined;
    this.held.set(name, new Promise((resolve) => (release = resolve)));
    return release;
  }

  /** Kinds and names that were asked for so far: `Deployment platform-gateway/istio-egress/egress-gateway`. */
  get started(): string[] {
    return this.asked.map(title).sort();
  }

  /** Answers for what is registered from now on. */
  async use(): Promise<void> {
    await pulumi.runtime.setMocks(this.mocks(), "istio-egress", "lab");
  }

  /** Settles when the engine is asked for nothing more: everything that is left waits for what it holds. */
  async quiet(): Promise<void> {
    for (let asked = -1; asked !== this.asked.length;) {
      asked = this.asked.length;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Registers the platform; the result settles when the engine has answered for every resource. */
  async run(args: PlatformArgs): Promise<{ platform: Platform; registrations: Registration[] }> {
    await this.use();
    const constructed: pulumi.ResourceTransformationArgs[] = [];
    const remember: pulumi.ResourceTransformation = (resource) => void constructed.push(resource);
    const platform = new Platform("platform", args, { transformations: [remember] });

    await Promise.all(constructed.map(({ resource }) => settled(resource.urn)));
    const registrations = constructed.map(async (resource) => {
      const { type, name, opts } = resource;
      const { inputs, provider } = this.asked.find((asked) => asked.type === type && asked.name === name)!;
      const { dependsOn = [] } = opts as { dependsOn?: pulumi.Input<pulumi.Resource>[] };
      const dependencies = await Promise.all(dependsOn.map((input) => settled(pulumi.output(input))));
      const waitsFor = constructed.filter((other) => dependencies.includes(other.resource)).map(title);
      return { urn: `${typePath(resource, constructed)}::${name}`, type, name, inputs, provider, waitsFor };
    });
    return { platform, registrations: await Promise.all(registrations) };
  }

  private mocks(): pulumi.runtime.Mocks {
    return {
      call: () => ({}),
      newResource: async ({ type, name, inputs, provider = "" }) => {
        this.asked.push({ type, name, inputs, provider });
        await this.held.get(name);
        return { id: `${name}-id`, state: { ...inputs, ...computed(type, name, inputs) } };
      },
    };
  }
}

let labRegistrations: Promise<Registration[]> | undefined;

/** What the stack `lab` registers; computed once. */
export function registerLab(): Promise<Registration[]> {
  return (labRegistrations ??= register({ config: labConfig() }));
}

export async function register(args: PlatformArgs): Promise<Registration[]> {
  return (await new RecordingEngine().run(args)).registrations;
}

/** What a stack warns of while it registers. */
export async function warningsOf(config: StackConfig): Promise<string[]> {
  const [warn, warnings] = [pulumi.log.warn, [] as string[]];
  Object.defineProperty(pulumi.log, "warn", { value: async (text: string) => warnings.push(text), writable: true });
  try {
    await register({ config });
  } finally {
    Object.defineProperty(pulumi.log, "warn", { value: warn, writable: true });
  }
  return warnings;
}

/** What an output resolves to. */
export function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value)));
}

export function title({ type, name }: { type: string; name: string }): string {
  return `${type.split(":").at(-1)} ${name}`;
}

/** The types of a resource and of its parents, as its URN strings them together. */
function typePath(
  { type, opts }: pulumi.ResourceTransformationArgs,
  constructed: pulumi.ResourceTransformationArgs[],
): string {
  const parent = constructed.find(({ resource }) => resource === opts.parent);
  return parent === undefined ? type : `${typePath(parent, constructed)}$${type}`;
}
