import * as pulumi from "@pulumi/pulumi";

/** Hidden in the SDK's types, not in its code: what tells which keys of the stack are encrypted. */
export const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret: (key: string) => boolean };

/** Settings of providers that are more than a text or a truth value; what looks like JSON elsewhere, as a kubeconfig may, is a text. */
const structured = [
  "batching",
  "defaultLabels",
  "externalCredentials",
  "helmReleaseSettings",
  "kubeClientSettings",
  "scopes",
];

/** The provider of a package that a component was given, or a parent of it; undefined where it is the default one. */
export function givenProvider(component: pulumi.Resource, packageName: string): pulumi.ProviderResource | undefined {
  return component.getProvider(`${packageName}:index:Any`);
}

/**
 * What the stack's configuration says of a package's default provider, such as `kubernetes:context`, for a provider that
 * is made in its place. What is encrypted stays secret.
 */
export function defaultSettings(packageName: string): Record<string, unknown> {
  const prefix = `${packageName}:`;
  return Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig()).flatMap(([key, text]) => {
      const name = key.slice(prefix.length).replace(/^config:/, "");
      if (!key.startsWith(prefix) || name === "version" || name.includes(":")) {
        return [];
      }
      const isValue = structured.includes(name) || text === "true" || text === "false";
      const value: unknown = isValue ? JSON.parse(text) : text;
      return [[name, isConfigSecret(key) ? pulumi.secret(value) : value]];
    }),
  );
}
