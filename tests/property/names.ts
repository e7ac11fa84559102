import fc from "fast-check";

/** Names that take the product's own apart and put them together again: suffixes and prefixes of what it plans. */
const parts = [
  "allow",
  "denies-the-rest",
  "egress",
  "egress-to",
  "ingress-from-mesh",
  "gateway",
  "hosts",
  "mesh",
  "dns",
  "istiod",
  "default",
  "access-log",
  "foo",
  "a",
];

const hostileName = fc
  .array(fc.constantFrom(...parts), { minLength: 1, maxLength: 3 })
  .map((chosen) => chosen.join("-").slice(0, 63).replace(/-+$/, ""));

/** Names of which each begins or ends as the product's own do, none twice. */
const hostileNames = (max: number) => fc.uniqueArray(hostileName, { minLength: 1, maxLength: max });

/** Host names that differ in dots and hyphens only, or look like the name of an object. */
const hostileHosts = fc.uniqueArray(
  fc
    .tuple(hostileName, fc.constantFrom(".", "-"), hostileName)
    .map(([first, between, last]) => `${first.slice(0, 30)}${between}${last.slice(0, 30)}.example`)
    .filter((host) => !/-[-.]|[-.]-/.test(host)),
  { minLength: 1, maxLength: 12 },
);

/** Configurations that try to have two objects of one name planned, in the form of a stack's file; some are refused. */
export const hostileConfigs: fc.Arbitrary<Record<string, unknown>> = fc
  .record({
    namespaces: hostileNames(3),
    workloads: hostileNames(4),
    gateways: hostileNames(3),
    destinations: hostileNames(4),
    outside: fc.uniqueArray(hostileName, { maxLength: 2 }),
    hosts: hostileHosts,
    envoyFilters: fc.boolean(),
    port: fc.boolean(),
  })
  .map(({ namespaces, workloads, gateways, destinations, outside, hosts, envoyFilters, port }) => {
    const homeOf = (index: number) => namespaces[index % namespaces.length]!;
    // A destination has a host at least, and every host one destination.
    const served = destinations.slice(0, hosts.length);
    const services = outside.filter((name) => !served.includes(name));
    return {
      mesh: { kind: "existing", envoyFilters },
      namespaces: Object.fromEntries(namespaces.map((name) => [name, {}])),
      workloads: Object.fromEntries(
        workloads.map((name, index) => [
          name,
          { namespace: homeOf(index), image: "example.com/app:1", ...(port ? { port: 8080 } : {}) },
        ]),
      ),
      destinations: Object.fromEntries(
        served.map((name, index) => [name, { hosts: hosts.filter((_, at) => at % served.length === index) }]),
      ),
      gateways: Object.fromEntries(
        gateways
          .slice(0, served.length)
          .filter((name) => name !== "egress-gateway")
          .map((name, index) => [name, { destinations: [served[index]!] }]),
      ),
      outside: Object.fromEntries(
        services.map((name, index) => [
          name,
          { namespace: homeOf(0), addresses: [`10.10.0.${index + 4}`], via: "service" },
        ]),
      ),
      allow: workloads.flatMap((name, index) => [
        ...served.map((to) => ({ from: `${homeOf(index)}/${name}`, to })),
        ...(homeOf(index) === homeOf(0) ? services.map((to) => ({ from: `${homeOf(index)}/${name}`, to })) : []),
      ]),
    };
  });

/** The pair that once planned one policy twice, the second of which let everybody through to nothing. */
export const collision = {
  namespaces: { shop: {} },
  workloads: { cart: { namespace: "shop", image: "example.com/cart:1" } },
  destinations: { "foo-denies-the-rest": { hosts: ["example.com"] } },
  gateways: { "allow-foo": { destinations: ["foo-denies-the-rest"] } },
  allow: [{ from: "shop/cart", to: "foo-denies-the-rest" }],
};
