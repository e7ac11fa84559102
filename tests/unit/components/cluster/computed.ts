/** What Google would tell of a resource that it has made: each value names its source, so that dumps show what leads where. */
export function computed(type: string, name: string, inputs: any): Record<string, unknown> {
  const of = (output: string) => `<${output} of ${name}>`;
  switch (type) {
    case "gcp:compute/address:Address":
      return { address: of("address"), selfLink: of("selfLink") };
    case "gcp:container/cluster:Cluster":
      return {
        endpoint: of("endpoint"),
        ...(inputs.fleet === undefined
          ? {}
          : {
              fleet: {
                ...inputs.fleet,
                membershipId: of("membership"),
                membershipLocation: of("membership's location"),
              },
            }),
        masterAuth: { ...inputs.masterAuth, clusterCaCertificate: of("certificate authority") },
        controlPlaneEndpointsConfig: {
          dnsEndpointConfig: { ...inputs.controlPlaneEndpointsConfig.dnsEndpointConfig, endpoint: of("DNS endpoint") },
        },
      };
    case "gcp:serviceaccount/account:Account":
      return { email: of("email"), member: of("member") };
    case "gcp:projects/serviceIdentity:ServiceIdentity":
      return { member: of("member") };
    case "gcp:artifactregistry/repository:Repository":
      return { name: inputs.repositoryId };
    default:
      return {};
  }
}
