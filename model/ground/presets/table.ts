import { Service } from "./types";

/**
 * What well-known services need, from their own pages. A host is here only if one of the edition's `sources` names it, and
 * no host is in two entries: so any of them may stand in one stack. An edition that was published is never changed: what a
 * vendor changes becomes a new one, in front of the old ones.
 */
export const services: readonly Service[] = [
  {
    name: "github",
    group: "code hosts",
    what: "github.com by git over https, its API, archives and Git LFS",
    domains: ["github.com", "githubusercontent.com", "githubassets.com", "ghcr.io"],
    editions: [
      {
        read: "2026-12-01",
        sources: [
          "https://docs.github.com/en/actions/reference/runners/self-hosted-runners",
          "https://github.com/github/docs/blob/main/data/reusables/actions/runner-essential-communications.md",
        ],
        hosts: [
          "api.github.com",
          "codeload.github.com",
          "github-cloud.githubusercontent.com",
          "github-cloud.s3.amazonaws.com",
          "github-registry-files.githubusercontent.com",
          "github-releases.githubusercontent.com",
          "github.com",
          "objects-origin.githubusercontent.com",
          "objects.githubusercontent.com",
        ],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "github-actions",
    group: "code hosts",
    what: "what a self-hosted runner needs beside github and ghcr; artifacts and caches are in Azure's blob.core.windows.net, which is not in it, as anybody may have a name there",
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://github.com/github/docs/blob/main/data/reusables/actions/runner-essential-communications.md"],
        hosts: ["*.actions.githubusercontent.com"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "gitlab",
    group: "code hosts",
    what: "gitlab.com by git over https, its API and its container registry",
    domains: ["gitlab.com", "gitlab-static.net"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://github.com/gitlabhq/gitlabhq/blob/master/doc/user/gitlab_com/_index.md"],
        hosts: ["cdn.registry.gitlab-static.net", "gitlab.com", "registry.gitlab.com"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "npm",
    group: "package registries",
    what: "installing and publishing npm packages",
    domains: ["npmjs.org"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://github.com/npm/cli/blob/latest/docs/lib/content/using-npm/registry.md"],
        hosts: ["registry.npmjs.org"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "pypi",
    group: "package registries",
    what: "installing Python packages",
    domains: ["pypi.org", "pythonhosted.org"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://github.com/pypi/warehouse/blob/main/docs/user/api/index-api.md"],
        hosts: ["files.pythonhosted.org", "pypi.org"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "maven-central",
    group: "package registries",
    what: "Maven's default repository",
    domains: ["maven.apache.org"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://maven.apache.org/ref/current/maven-model-builder/super-pom.html"],
        hosts: ["repo.maven.apache.org"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "go-modules",
    group: "package registries",
    what: "Go's module mirror and checksum database",
    domains: ["golang.org"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://go.googlesource.com/go/+/go1.21.0/go.env"],
        hosts: ["proxy.golang.org", "sum.golang.org"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "crates",
    group: "package registries",
    what: "installing Rust crates",
    domains: ["crates.io"],
    editions: [
      {
        read: "2026-12-01",
        sources: [
          "https://doc.rust-lang.org/stable/nightly-rustc/cargo/sources/registry/constant.CRATES_IO_HTTP_INDEX.html",
          "https://jfrog.com/help/r/artifactory-allowlist-for-artifactory-cargo-remote-repository-to-proxy-crates-io-behind-firewalls-or-proxy-servers",
        ],
        hosts: ["crates.io", "index.crates.io", "static.crates.io"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "nuget",
    group: "package registries",
    what: "restoring .NET packages",
    domains: ["nuget.org"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://learn.microsoft.com/en-us/nuget/api/service-index"],
        hosts: ["api.nuget.org"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "docker-hub",
    group: "container registries",
    what: "pulling and pushing images by Docker Hub",
    domains: ["docker.io", "docker.com"],
    editions: [
      {
        read: "2026-12-01",
        sources: [
          "https://github.com/docker/docs/blob/main/content/manuals/desktop/setup/allow-list.md",
          "https://github.com/docker/docs/pull/25122.diff",
        ],
        hosts: [
          "auth.docker.io",
          "docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com",
          "production.cloudflare.docker.com",
          "production.cloudfront.docker.com",
          "registry-1.docker.io",
        ],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "ghcr",
    group: "container registries",
    what: "GitHub Packages: containers, and packages of its other registries",
    editions: [
      {
        read: "2026-12-01",
        sources: [
          "https://github.com/github/docs/blob/main/data/reusables/actions/runner-essential-communications.md",
          "https://github.com/aquasecurity/trivy/blob/main/docs/docs/references/troubleshooting.md",
        ],
        hosts: ["*.pkg.github.com", "ghcr.io", "pkg-containers.githubusercontent.com"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "quay",
    group: "container registries",
    what: "pulling images from quay.io",
    domains: ["quay.io"],
    editions: [
      {
        read: "2026-12-01",
        sources: [
          "https://docs.redhat.com/fr/documentation/openshift_container_platform/4.13/html/installation_configuration/configuring-firewall",
          "https://access.redhat.com/node/7001746",
        ],
        hosts: [
          "cdn.quay.io",
          "cdn01.quay.io",
          "cdn02.quay.io",
          "cdn03.quay.io",
          "cdn04.quay.io",
          "cdn05.quay.io",
          "cdn06.quay.io",
          "quay.io",
        ],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "microsoft-artifact-registry",
    group: "container registries",
    what: "pulling images from mcr.microsoft.com",
    domains: ["mcr.microsoft.com"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://github.com/microsoft/containerregistry/blob/main/docs/mcr-endpoints-guidance.md"],
        hosts: ["*.data.mcr.microsoft.com", "mcr.microsoft.com"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "google-artifact-registry",
    group: "container registries",
    what: "Google's registries; whoever may call them may call anybody's repositories there",
    domains: ["gcr.io", "pkg.dev"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://cloud.google.com/vpc-service-controls/docs/set-up-gke"],
        hosts: ["*.gcr.io", "*.pkg.dev", "gcr.io", "pkg.dev"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "google-apis",
    group: "Google's APIs",
    what: "every one of Google's APIs; name single ones under hosts where you can, as storage.googleapis.com",
    domains: ["googleapis.com"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://cloud.google.com/vpc-service-controls/docs/set-up-private-connectivity"],
        hosts: ["*.googleapis.com"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "gemini",
    group: "model APIs",
    what: "Google's Gemini API; beside google-apis its one name is this preset's",
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://ai.google.dev/api/all-methods"],
        hosts: ["generativelanguage.googleapis.com"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "anthropic",
    group: "model APIs",
    what: "Anthropic's API",
    domains: ["anthropic.com"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://github.com/anthropics/anthropic-sdk-python/blob/main/src/anthropic/_client.py"],
        hosts: ["api.anthropic.com"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "openai",
    group: "model APIs",
    what: "OpenAI's API",
    domains: ["openai.com"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://github.com/openai/openai-python/blob/main/src/openai/_client.py"],
        hosts: ["api.openai.com"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "mistral",
    group: "model APIs",
    what: "Mistral's API",
    domains: ["mistral.ai"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://github.com/mistralai/client-python/blob/main/src/mistralai/sdkconfiguration.py"],
        hosts: ["api.mistral.ai"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "cohere",
    group: "model APIs",
    what: "Cohere's API",
    domains: ["cohere.com"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://github.com/cohere-ai/cohere-python/blob/main/src/cohere/environment.py"],
        hosts: ["api.cohere.com"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "hugging-face",
    group: "model APIs",
    what: "the Hub: models, data sets and their files",
    domains: ["huggingface.co", "hf.co"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://huggingface.co/.well-known/meta.json"],
        hosts: [
          "ap-southeast-1.aws.cdn.hf.co",
          "asia-southeast1.us.gcp.cdn.hf.co",
          "aws.cdn.hf.co",
          "cdn-lfs-eu-1.hf.co",
          "cdn-lfs-us-1.hf.co",
          "cdn-lfs.hf.co",
          "eu-west-3.aws.cdn.hf.co",
          "europe-west4.us.gcp.cdn.hf.co",
          "hf.co",
          "huggingface.co",
          "transfer.xethub-eu.hf.co",
          "transfer.xethub.hf.co",
          "us-central1.us.gcp.cdn.hf.co",
          "us-east-1.aws.cdn.hf.co",
          "us-east1.us.gcp.cdn.hf.co",
          "us-west-2.aws.cdn.hf.co",
          "us-west4.us.gcp.cdn.hf.co",
          "us.aws.cdn.hf.co",
          "us.gcp.cdn.hf.co",
        ],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "lets-encrypt",
    group: "certificate authorities",
    what: "certificates by ACME; the staging environment is not in it",
    domains: ["letsencrypt.org"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://letsencrypt.org/docs/acme-protocol-updates/"],
        hosts: ["acme-v02.api.letsencrypt.org"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "lets-encrypt-status",
    group: "certificate authorities",
    what: "revocation lists and issuers of Let's Encrypt's certificates, in plain HTTP; it ended OCSP in 2025",
    domains: ["lencr.org"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://letsencrypt.org/ta/docs/lencr.org/", "https://abetterinternet.net/post/ending-ocsp"],
        hosts: ["*.c.lencr.org", "*.i.lencr.org"],
        protocols: ["http"],
      },
    ],
  },
  {
    name: "digicert-one-status",
    group: "certificate authorities",
    what: "OCSP, revocation lists and issuers of DigiCert ONE, United States, in plain HTTP",
    domains: ["one.digicert.com"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://docs.digicert.com/en/platform-overview/allowlisted-ip-addresses-and-urls.html"],
        hosts: ["cacerts.one.digicert.com", "crl.one.digicert.com", "ocsp.one.digicert.com"],
        protocols: ["http"],
      },
    ],
  },
  {
    name: "sendgrid-smtp",
    group: "mail",
    what: "sending mail by SMTP, with STARTTLS on 587 and 2525 and in TLS on 465",
    domains: ["sendgrid.net"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://www.twilio.com/docs/sendgrid/for-developers/sending-email/integrating-with-the-smtp-api"],
        hosts: ["smtp.sendgrid.net"],
        ports: ["465/tcp", "587/tcp", "2525/tcp"],
      },
    ],
  },
  {
    name: "postmark-smtp",
    group: "mail",
    what: "sending mail by SMTP, with STARTTLS on 587 and 2525",
    domains: ["postmarkapp.com"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://postmarkapp.com/support/article/811-what-are-the-smtp-details-api-tokens-i-should-be-using"],
        hosts: ["smtp-broadcasts.postmarkapp.com", "smtp.postmarkapp.com"],
        ports: ["587/tcp", "2525/tcp"],
      },
    ],
  },
  {
    name: "mailgun",
    group: "mail",
    what: "Mailgun's API, in the United States and in the European Union",
    domains: ["mailgun.net", "mailgun.org"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://documentation.mailgun.com/docs/mailgun/api-reference"],
        hosts: ["api.eu.mailgun.net", "api.mailgun.net"],
        protocols: ["https"],
      },
    ],
  },
  {
    name: "gmail-smtp",
    group: "mail",
    what: "sending mail by SMTP, in TLS on 465 and with STARTTLS on 587",
    domains: ["gmail.com"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://developers.google.com/workspace/gmail/imap/imap-smtp"],
        hosts: ["smtp.gmail.com"],
        ports: ["465/tcp", "587/tcp"],
      },
    ],
  },
  {
    name: "microsoft-365-smtp",
    group: "mail",
    what: "sending mail by SMTP, with STARTTLS on 587",
    domains: ["office365.com"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://technet.microsoft.com/it-it/library/dn554323(v=exchg.150).aspx"],
        hosts: ["smtp.office365.com"],
        ports: ["587/tcp"],
      },
    ],
  },
  {
    name: "stripe",
    group: "payments",
    what: "what a server calls: the API, files and Connect; pages in browsers need more names",
    domains: ["stripe.com", "stripe.network", "stripecdn.com"],
    editions: [
      {
        read: "2026-12-01",
        sources: ["https://docs.stripe.com/ips"],
        hosts: ["api.stripe.com", "connect.stripe.com", "files.stripe.com", "uploads.stripe.com"],
        protocols: ["https"],
      },
    ],
  },
  // Their hosts depend on region and account, so no list would hold for all: egress learn knows their names as one service's.
  {
    name: "aws",
    group: "others",
    what: "Amazon Web Services",
    domains: ["amazonaws.com"],
    editions: [],
  },
  {
    name: "datadog",
    group: "others",
    what: "Datadog",
    domains: ["datadoghq.com", "datadoghq.eu"],
    editions: [],
  },
  {
    name: "sentry",
    group: "others",
    what: "Sentry",
    domains: ["sentry.io"],
    editions: [],
  },
];
