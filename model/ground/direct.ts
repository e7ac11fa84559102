/** Kinds of destinations that the cluster has itself, and no gateway leads to; `model/config/direct.ts` has what each is. */
export const directKinds = ["kubernetes-api", "google-metadata"] as const;

export type DirectKind = (typeof directKinds)[number];
