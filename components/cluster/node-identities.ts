import { RepositoryIamMember } from "@pulumi/gcp/artifactregistry/repositoryIamMember";
import { IAMMember } from "@pulumi/gcp/projects/iammember";
import { Account } from "@pulumi/gcp/serviceaccount/account";
import * as pulumi from "@pulumi/pulumi";
import { GkePlan } from "../../model";
import { imageReaderRole } from "../../model/gke/kubernetes";
import { ImageMirror } from "./image-mirror";

type PoolName = keyof GkePlan["identities"];

export interface NodeIdentitiesArgs {
  plan: GkePlan["identities"];
  /** Project in which the roles are granted. */
  project: string;
  /** Repository that the gateways' nodes may read, beside no other. */
  mirror: ImageMirror;
  /** What must be there first: Google's API for service accounts. */
  after: pulumi.Resource[];
}

/** A service account with the least roles for the nodes of each pool. */
export class NodeIdentities extends pulumi.ComponentResource {
  readonly accounts: Record<PoolName, Account>;
  /** What stands when the nodes may do what they must. */
  readonly grants: pulumi.Resource[];

  constructor(name: string, args: NodeIdentitiesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:NodeIdentities", name, {}, opts);

    const { plan, project, mirror, after } = args;
    const account = (pool: PoolName) =>
      new Account(`${name}/${pool}`, plan[pool].account, { parent: this, dependsOn: after });
    this.accounts = { work: account("work"), gateways: account("gateways") };

    const projectGrants = (["gateways", "work"] as const).flatMap((pool) =>
      plan[pool].projectRoles.map(
        (role) =>
          new IAMMember(
            `${name}/${pool}/${role}`,
            { project, role, member: this.accounts[pool].member },
            { parent: this },
          ),
      ),
    );
    const { repository } = mirror;
    const mirrorGrant = new RepositoryIamMember(
      `${name}/gateways/mirror`,
      {
        repository: repository.name,
        location: repository.location,
        role: imageReaderRole,
        member: this.accounts.gateways.member,
      },
      { parent: this },
    );
    this.grants = [...projectGrants, mirrorGrant];
    this.registerOutputs({ work: this.accounts.work.email, gateways: this.accounts.gateways.email });
  }
}
