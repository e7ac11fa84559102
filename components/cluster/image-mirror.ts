import { Repository } from "@pulumi/gcp/artifactregistry/repository";
import * as pulumi from "@pulumi/pulumi";
import { GkePlan } from "../../model";

export interface ImageMirrorArgs {
  plan: GkePlan["imageMirror"];
  /** What must be there first: Google's API for repositories. */
  after: pulumi.Resource[];
}

/** Docker Hub's images, within reach of nodes that have no way out. */
export class ImageMirror extends pulumi.ComponentResource {
  readonly repository: Repository;

  constructor(name: string, args: ImageMirrorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:ImageMirror", name, {}, opts);

    this.repository = new Repository(`${name}/repository`, args.plan, { parent: this, dependsOn: args.after });
    this.registerOutputs({ repository: this.repository.name });
  }
}
