import { z } from "zod";
import { Fields } from "../../ground/objects";
import { harmlessRequest, normalPath, Origination, refusalOfRequest, secretForm } from "../../ground/origination";
import { isRequest } from "../../ground/ports";
import { defaultPort } from "../../ground/protocols";
import { configPath } from "../problem";
import { Report } from "../shape";
import { normalOrigination, originationProblems } from "./origination-problems";
import { Around, CalledHost, Trait } from "./trait";
import { reportWildcard } from "./whole-names";

/** TLS that the gateway opens itself, for applications that speak http, and which of their requests it lets pass. */

export interface OriginationSaid {
  /**
   * That the gateway opens TLS to the hosts, for clients that speak http, and which requests it lets pass. `protocols` are
   * `["http"]` beside it unless they are said. Lists are sorted in a configuration that is read.
   * @default it opens none
   * @example { methods: ["GET", "POST"], paths: ["/v1/*"] }
   */
  originate?: Origination;
}

export interface OriginationTold {
  /** What is let pass of http, where the gateway opens TLS itself: absent where it does not. */
  originate?: Origination;
}

const text = z.string();

export const origination: Trait<Origination, OriginationTold, Origination> = {
  key: "originate",
  about: "calls",
  schema: z
    .strictObject({
      methods: z.array(text).min(1).optional(),
      paths: z.array(text).min(1).optional(),
      ca: text.min(1).optional(),
      clientCertificate: text.min(1).describe(secretForm).optional(),
      http2: z.boolean().optional(),
    })
    .describe("{methods: [GET], paths: [/v1/*]}, or {} for any request"),
  besideAddresses: "A gateway opens TLS to a name, which the certificate has to carry, and an address has none",
  speaks: { protocols: ["http"], always: true },
  opensTls: true,
  misplaced,
  read,
  refuses: refusalOfRequest,
  harmless: harmlessRequest,
  facts: {
    originate: {
      of: (origination) => origination,
      risks: (before, after) => [
        ...(before !== undefined && widerRequests(before, after) ? ["more methods or paths than before"] : []),
        ...(after.clientCertificate !== undefined && after.clientCertificate !== before?.clientCertificate
          ? [
              `the gateway shows the certificate in the Secret ${after.clientCertificate} to these hosts, which take whoever is granted them for its owner`,
            ]
          : []),
      ],
      gone: "the gateway opened TLS before and saw each request; now it does not, and no method or path is asked for",
    },
  },
  onEdge: ({ methods, paths, clientCertificate, http2 }) => [
    methods?.join(", ") ?? "any method",
    paths?.join(", ") ?? "any path",
    ...(clientCertificate === undefined ? [] : [`client certificate ${clientCertificate}`]),
    ...(http2 === true ? ["HTTP/2"] : []),
  ],
  way: {
    because: amongRequests,
    asked: ({ methods, paths }, call) =>
      isRequest(call) && (methods ?? paths) !== undefined ? ", with these methods and paths" : "",
    forwards: ({ ca, clientCertificate, http2 }, call, { namespace, source }) =>
      isRequest(call)
        ? `, opens TLS to ${call.host}:${defaultPort("https")}${source}, and goes on if the certificate ` +
          `has this name and is signed by ${ca === undefined ? "a public authority" : "an authority of originate.ca"}` +
          (clientCertificate === undefined
            ? ""
            : `; it shows the certificate in the Secret ${namespace}/${clientCertificate} to a host that asks for one`) +
          (http2 === true ? "; it speaks HTTP/2 to the host, whatever the application speaks" : "")
        : undefined,
  },
};

/** What is let pass of a call that is allowed; nothing where all is, or where nobody looks. */
function amongRequests({ methods, paths }: Origination, call: CalledHost): string {
  const limits = [
    ...(methods === undefined ? [] : [methods.join(", ")]),
    ...(paths === undefined ? [] : [paths.join(", ")]),
  ];
  if (!isRequest(call) || limits.length === 0) {
    return "";
  }
  const { request } = call;
  return request === undefined
    ? `, for these requests: ${limits.join("; ")}`
    : `: ${request.method} ${normalPath(request.path) ?? request.path} is among its requests (${limits.join("; ")})`;
}

function widerRequests(before: Origination, after: Origination): boolean {
  return (["methods", "paths"] as const).some(
    (key) => before[key] !== undefined && (after[key]?.some((each) => !before[key]!.includes(each)) ?? true),
  );
}

/** Methods and paths would be taken for a guard, and nothing would look at them. */
function misplaced(
  value: Fields,
  { destination, written }: Pick<Around, "destination" | "written">,
  report: Report,
): Fields {
  const { methods, paths, ca, clientCertificate, http2, ...rest } = value;
  const against = written.find(({ opensNoTls }) => opensNoTls !== undefined);
  const either = against === undefined ? "" : `remove it: ${against.opensNoTls}, or remove ${against.key}, and `;
  const said = Array.isArray(value.protocols) && !value.protocols.includes("http") ? ", with protocols: [http]" : "";
  for (const [key, found] of Object.entries({ methods, paths })) {
    if (found !== undefined) {
      report({
        path: configPath("destinations", destination, key),
        value: found,
        problem: `A gateway sees ${key} only of what it opens TLS for itself: of the application's own https it sees a name`,
        fix: `${either}put it below originate, as originate: {${key}: […]}, and have the application call http://${said}`,
      });
    }
  }
  for (const [key, found] of Object.entries({ ca, clientCertificate, http2 })) {
    if (found !== undefined) {
      report({
        path: configPath("destinations", destination, key),
        problem: "It is for TLS that the gateway opens: in the application's own https the gateway has no part",
        fix: `${either}put it below originate, as originate: {${key}: …}, and have the application call http://${said}`,
      });
    }
  }
  return rest;
}

function read(written: Origination, around: Around, report: Report): Origination | undefined {
  const { destination, spoken, connects, now } = around;
  const at = (...place: (string | number)[]) => configPath("destinations", destination, "originate", ...place);
  if (!connects) {
    report({
      path: at(),
      problem: "Gateways open TLS by an EnvoyFilter, and this mesh takes none",
      fix: "remove it, and have the application speak https itself",
    });
  }
  reportWildcard("originate", "A gateway opens TLS to hosts that are listed by their whole names", around, report);
  if (!spoken.includes("http")) {
    report({
      path: at(),
      problem: "The gateway opens TLS for what applications call by http, and http is not among the protocols",
      fix: "write protocols: [http], or remove originate; with https beside it the application's own TLS stays open",
    });
  }
  const problems = originationProblems(written, now);
  problems.forEach(({ at: place, ...problem }) => report({ path: at(...place), ...problem }));
  return problems.length > 0 ? undefined : normalOrigination(written);
}
