import { OutsideHost } from "./hosts";

/** A name as hosts are compared by: a Host header or SNI in lower case, without its port and a trailing dot. */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
}

/** Names below it lead wherever `turningNames` says at the time, as whoever owns a name has it; so every host answers to them. */
export const turningDomain = "turning.example";

/** Whether a host answers to a canonical name. */
export function answersTo(host: OutsideHost, name: string): boolean {
  if (name.endsWith(`.${turningDomain}`)) return true;
  return host.names.length === 0 || host.names.some((pattern) => matches(pattern, name));
}

function matches(pattern: string, name: string): boolean {
  if (!pattern.startsWith("*.")) return name === pattern;
  const domain = pattern.slice(1);
  return name.endsWith(domain) && name.length > domain.length;
}
