import { X509Certificate } from "node:crypto";
import { methods, normalPath, Origination, secretForm, wayOf } from "../../ground/origination";
import { present } from "../../ground/objects";
import { sortedUnique } from "../../ground/order";
import { didYouMean } from "../../ground/suggest";
import { dayIn } from "../date";

/** Something that is wrong with what a gateway is to let pass, and where in it. */
export interface OriginationProblem {
  at: (string | number)[];
  value?: string;
  problem: string;
  allowed?: string;
  fix?: string;
}

/** All that is wrong with an origination whose shape is sound. */
export function originationProblems(
  { methods: granted = [], paths = [], ca, clientCertificate }: Origination,
  now: Date,
): OriginationProblem[] {
  return [
    ...granted.flatMap((method, index) => {
      const problem = checkMethod(method);
      return problem === undefined ? [] : [{ at: ["methods", index], value: method, ...problem }];
    }),
    ...paths.flatMap((path, index) => {
      const problem = checkPath(path);
      return problem === undefined ? [] : [{ at: ["paths", index], value: path, ...problem }];
    }),
    ...(ca === undefined ? [] : caProblems(ca, now).map((problem) => ({ at: ["ca"], ...problem }))),
    ...(clientCertificate === undefined
      ? []
      : secretProblems(clientCertificate).map((problem) => ({ at: ["clientCertificate"], ...problem }))),
  ];
}

/** The same, sorted, with each thing once. */
export function normalOrigination({ methods: granted, paths, ca, ...rest }: Origination): Origination {
  return {
    ...(granted === undefined ? {} : { methods: sortedUnique(present(granted)) }),
    ...(paths === undefined ? {} : { paths: sortedUnique(present(paths)) }),
    ...wayOf({ ...rest, ...(ca === undefined ? {} : { ca: ca.trim() }) }),
  };
}

/** What is wrong with the name of a Secret. A certificate or a key that is written out is never repeated. */
function secretProblems(written: string): (Problem & { value?: string })[] {
  if (/-----BEGIN/.test(written)) {
    return [
      {
        problem: /PRIVATE KEY-----/.test(written)
          ? "A private key, which everybody may read who may read this file"
          : "A certificate, and its key would have to stand beside it for everybody who may read this file",
        allowed: secretForm,
        fix: /PRIVATE KEY-----/.test(written)
          ? "have a new key made, as kubectl create secret tls puts it into a Secret, and write that one's name"
          : "put certificate and key into a Secret, as kubectl create secret tls does, and write its name",
      },
    ];
  }
  const [, bare = ""] = /^(?:kubernetes:\/\/)?(?:[^/]+\/)?([^/]+)$/.exec(written) ?? [];
  const isName = (text: string) =>
    text.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(text);
  if (isName(written)) {
    // Istio takes what ends so for the authorities of another Secret.
    return written.endsWith("-cacert")
      ? [
          {
            value: written,
            problem: "Istio takes a Secret whose name ends with -cacert for authorities, and never for a certificate",
            allowed: secretForm,
            fix: "give the Secret another name, and write that one",
          },
        ]
      : [];
  }
  return [
    {
      value: written,
      problem: written.includes("/")
        ? "A gateway reads Secrets of its own namespace only, by their names alone"
        : "No Secret could have this name",
      allowed: secretForm,
      fix:
        isName(bare) && secretProblems(bare).length === 0
          ? `write "${bare}"`
          : "write its name as kubectl get secrets prints it of the gateways' namespace",
    },
  ];
}

type Problem = Omit<OriginationProblem, "at" | "value">;

function checkMethod(method: string): Problem | undefined {
  const known: readonly string[] = methods;
  if (known.includes(method)) {
    return undefined;
  }
  const upper = method.toUpperCase();
  const fix = known.includes(upper) ? `write "${upper}"` : didYouMean(upper, known);
  return {
    problem: "Not a method that a gateway lets pass",
    allowed: known.join(", "),
    fix: fix ?? (method === "*" ? "remove methods: without them any of these passes" : "remove it"),
  };
}

const pathForm = "a whole path, as /v1/charges, or all that is below one, as /v1/*";

function checkPath(path: string): Problem | undefined {
  const bare = path.replace(/\/\*$/, "/");
  if (!path.startsWith("/")) {
    const rooted = `/${path.replace(/^\^?[a-z]*:\/\/[^/]*\/?|^\^\/?/i, "")}`;
    return {
      problem: "A path begins with a slash",
      allowed: pathForm,
      ...(checkPath(rooted) === undefined
        ? { fix: `write "${rooted}"` }
        : { fix: "write the path as it is sent, from its first slash on" }),
    };
  }
  if (/[?#]/.test(path)) {
    return {
      problem: "Queries and fragments play no part",
      allowed: pathForm,
      ...fixedTo(path, path.replace(/[?#].*$/, "")),
    };
  }
  if (bare.includes("*")) {
    const [, stem] = /^(.*[^/*])\*+$/.exec(path) ?? [];
    if (stem !== undefined && checkPath(`${stem}/*`) === undefined) {
      return {
        problem: "A * stands for all that is below a path, behind a slash",
        allowed: pathForm,
        fix: `write "${stem}/*", and "${stem}" if that is called as well`,
      };
    }
    const below = path.replace(/[^/]*\*.*$/, "*");
    return {
      problem: "A * stands for all that is below a path, and only at its end",
      allowed: pathForm,
      ...(/\*+$/.exec(path)?.index === path.indexOf("*")
        ? fixedTo(path, below)
        : { fix: `write whole paths, or "${below}", which holds more` }),
    };
  }
  if (!/^[\w/.~%!$&'()+,;=:@-]*$/.test(bare)) {
    return {
      problem: "Not a path as it is sent: other characters are percent-encoded",
      allowed: pathForm,
      ...(/[{}\\<>]/.test(path)
        ? { fix: "write whole paths, or what they begin with and /*" }
        : fixedTo(path, encodeURI(path))),
    };
  }
  if (/%(?![0-9a-f]{2})/i.test(bare)) {
    return {
      problem: "Not a path as it is sent: two hexadecimal digits follow a %",
      allowed: pathForm,
      fix: "remove it: no request for it passes",
    };
  }
  // RFC 3986, section 6.2.2.2: letters, digits, hyphens and such are the same when they are encoded; some proxies decode them.
  const plain = path.replace(/%(?:3\d|[46][1-9a-f]|[57][0-9a]|2d|5f|7e)/gi, decodeURIComponent);
  if (plain !== path) {
    return {
      problem: "Letters, digits, hyphens and underscores are written as they are in a path, and not encoded",
      allowed: pathForm,
      ...fixedTo(path, plain),
    };
  }
  const normal = normalPath(bare);
  if (normal === undefined) {
    return {
      problem: "A path that servers read in several ways is refused at the gateway",
      allowed: pathForm,
      fix: "remove it: no request for it passes",
    };
  }
  return normal === bare
    ? undefined
    : {
        problem: "The gateway takes dots and double slashes out of a path before it compares",
        allowed: pathForm,
        ...fixedTo(path, path === bare ? normal : `${normal}*`),
      };
}

function fixedTo(path: string, fixed: string): { fix?: string } {
  return fixed === path || checkPath(fixed) !== undefined ? {} : { fix: `write "${fixed}"` };
}

const begin = "-----BEGIN CERTIFICATE-----";

function blocksOf(ca: string): string[] {
  return ca.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
}

/** The certificates of sound authorities that end before a moment: who each is of, and its last day. */
export function endingAuthorities(ca: string, before: Date): { of: string; day: string }[] {
  return blocksOf(ca).flatMap((block) => {
    const { subject, validTo } = new X509Certificate(block);
    return Date.parse(validTo) < before.getTime()
      ? [{ of: subject.replace(/\n/g, ", "), day: dayIn(new Date(validTo)) }]
      : [];
  });
}

function caProblems(ca: string, now: Date): Problem[] {
  if (/PRIVATE KEY-----/.test(ca)) {
    return [
      {
        problem: "There is a private key in it, which nobody but its owner is to have",
        fix: "leave the certificates only, and make a new key",
      },
    ];
  }
  const blocks = blocksOf(ca);
  const rest = blocks.reduce((text, block) => text.replace(block, ""), ca).replace(/^\s*(#.*)?$/gm, "");
  if (blocks.length === 0 || rest.trim() !== "") {
    return [
      {
        problem:
          blocks.length === 0
            ? "Not certificates in PEM"
            : `Not certificates in PEM only: there is something beside ${blocks.length === 1 ? "one" : `${blocks.length} of them`}`,
        allowed: `one or more, each from ${begin} on`,
        fix:
          blocks.length === 0
            ? "paste those of the authority that has signed the hosts', or remove it where a public one has"
            : "leave what begins with BEGIN CERTIFICATE, up to its END, and remove the rest; words behind a # may stay",
      },
    ];
  }
  return blocks.flatMap((block, index): Problem[] => {
    const which = blocks.length === 1 ? "The certificate" : `Certificate ${index + 1} of ${blocks.length}`;
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(block);
    } catch {
      return [
        {
          problem: `${which} cannot be read`,
          allowed: "X.509 in PEM",
          fix: /\n./.test(block.trim())
            ? "copy it again, whole: a line of it is missing or changed"
            : "write it with its lines, below ca: |",
        },
      ];
    }
    const name = certificate.subject.replace(/\n/g, ", ");
    return [
      ...(certificate.ca
        ? []
        : [
            {
              problem: `${which}, of ${name}, is no authority's: it may sign no others`,
              fix: "take that of the authority which has signed the host's",
            },
          ]),
      ...(Date.parse(certificate.validTo) < now.getTime()
        ? [
            {
              problem: `${which}, of ${name}, has expired on ${dayIn(new Date(certificate.validTo))}`,
              fix: "take its successor",
            },
          ]
        : []),
      ...(Date.parse(certificate.validFrom) > now.getTime()
        ? [
            {
              problem: `${which}, of ${name}, is not valid before ${dayIn(new Date(certificate.validFrom))}`,
              fix: "take the one that holds today, and put this one beside it from that day on",
            },
          ]
        : []),
    ];
  });
}
