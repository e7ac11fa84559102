/** The change that docs/review.md shows, from one commit of a repository to the next: files by their path. */

const before = `config:
  istio-egress:namespaces: { shop: { ingress: {} } }
  istio-egress:workloads:
    cart: { namespace: shop, image: "registry.example/cart:7", port: 8080 }
    search: { namespace: shop, image: "registry.example/search:3", port: 8080 }
  istio-egress:destinations:
    stripe: { hosts: [api.stripe.com], protocols: [https] }
    suggest: { hosts: [suggest.example.com], protocols: [https] }
  istio-egress:allow:
    - { from: shop/cart, to: stripe, owner: team-pay, reason: takes payments }
    - { from: shop/search, to: suggest, owner: team-find, reason: completes what people type }
  istio-egress:deny: [cnn.com]
`;

/** A host is added, one is removed, and one is widened from https alone to plain http. */
const after = `config:
  istio-egress:namespaces: { shop: { ingress: {} } }
  istio-egress:workloads:
    cart: { namespace: shop, image: "registry.example/cart:7", port: 8080 }
    search: { namespace: shop, image: "registry.example/search:3", port: 8080 }
  istio-egress:destinations:
    stripe: { hosts: [api.stripe.com], protocols: [https, http] }
    paypal: { hosts: [api-m.paypal.com], protocols: [https] }
  istio-egress:allow:
    - { from: shop/cart, to: stripe, owner: team-pay, reason: takes payments }
    - { from: shop/cart, to: paypal, owner: team-pay, reason: takes payments, expires: 2099-12-31 }
  istio-egress:deny: [cnn.com]
`;

/** What \`before\` says, in other words: quotes, order, defaults. */
const rewritten = `config:
  "istio-egress:deny": ["cnn.com"]
  "istio-egress:allow":
    - from: shop/search
      to: suggest
      reason: "completes what people type"
      owner: team-find
    - { to: stripe, from: shop/cart, reason: takes payments, owner: team-pay }
  "istio-egress:mesh": { mtls: STRICT }
  "istio-egress:gateway": { replicas: 2 }
  "istio-egress:destinations":
    suggest: { protocols: [https], hosts: [suggest.example.com] }
    stripe: { protocols: [https], hosts: [api.stripe.com] }
  "istio-egress:workloads":
    search: { port: 8080, image: "registry.example/search:3", namespace: shop, replicas: 1 }
    cart: { port: 8080, image: "registry.example/cart:7", namespace: shop }
  "istio-egress:namespaces": { shop: { ingress: {} } }
`;

export const example = {
  before: { "stacks/Pulumi.prod.yaml": before, "stacks/Pulumi.dev.yaml": before },
  after: { "stacks/Pulumi.prod.yaml": after, "stacks/Pulumi.dev.yaml": rewritten },
};
