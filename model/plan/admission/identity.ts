import { joined, listed, mapped, mappedTexts, quoted } from "./cel";
import { podResources, podVariables } from "./pods";
import { Exempt, Story } from "./policy";

/** An identity that is granted something: whose pods it is for, and who may make them. */
export interface GrantedIdentity {
  namespace: string;
  /** Name of the workload in the stack's configuration. */
  name: string;
  serviceAccount: string;
  selector: Record<string, string>;
  /** Who makes its pods, and what makes them, beside whoever applies the stack. */
  owners: Exempt;
}

/**
 * Who may run under a granted ServiceAccount: pods with the labels of its workload, made by its owners, or by a
 * controller from what its owners have made. A story for each namespace, so that none of them is over-long.
 */
export function identityStories(identities: GrantedIdentity[]): Story[] {
  const namespaces = [...new Set(identities.map(({ namespace }) => namespace))];
  return namespaces.map((namespace) => {
    const own = identities.filter((identity) => identity.namespace === namespace);
    const byAccount = (value: (identity: GrantedIdentity) => string) =>
      mapped(own.map((identity) => [identity.serviceAccount, value(identity)] as const));
    const owned = own.filter(({ owners }) => owners.users.length > 0 || owners.groups.length > 0);
    const owners = mapped(
      owned.map(({ serviceAccount, owners: { users, groups } }) => [
        serviceAccount,
        `{"users": ${listed(users)}, "groups": ${listed(groups)}}`,
      ]),
    );
    const isOwner =
      owned.length === 0
        ? "false"
        : "(variables.account in variables.owners && (request.userInfo.username in variables.owners[variables.account].users || " +
          "request.userInfo.?groups.orValue([]).exists(g, g in variables.owners[variables.account].groups)))";
    const granted = listed(own.map(({ serviceAccount }) => serviceAccount));
    return {
      name: `identity.${namespace}`,
      where: { in: [namespace] },
      resources: podResources,
      variables: {
        ...podVariables,
        selectors: byAccount(({ selector }) => mappedTexts(selector)),
        workloads: byAccount(({ name }) => quoted(name)),
        ...(owned.length === 0 ? {} : { owners }),
        granted: `variables.account in ${granted}`,
        fits:
          "!variables.granted || variables.selectors[variables.account].all(k, k in variables.labels && " +
          "variables.labels[k] == variables.selectors[variables.account][k])",
      },
      refusals: [
        {
          rule: "identity",
          found: joined(
            // A controller has read what it makes pods from, and that was held against this rule.
            `!variables.granted || variables.controller || ${isOwner} ? [] : ` +
              '["ServiceAccount " + variables.account + " by " + request.userInfo.username]',
            'variables.fits ? [] : ["ServiceAccount " + variables.account + " without the labels of its workload"]',
            "variables.selectors.filter(a, a != variables.account && variables.selectors[a].all(k, k in variables.labels && " +
              'variables.labels[k] == variables.selectors[a][k])).map(a, "labels of the workload " + variables.workloads[a])',
          ),
          unless: "variables.unchanged",
          why: "external hosts are granted to this identity, and only its owners make its pods",
          allow:
            `${quoted(`Owners are named by istio-egress:admission.owners, under "${namespace}/`)} + ` +
            '(variables.granted ? variables.workloads[variables.account] : "<workload>") + "\\""',
        },
      ],
    };
  });
}
