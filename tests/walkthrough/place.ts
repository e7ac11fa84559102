import { labCommand } from "../../lab/shell";
import { scratchCheckout } from "../lab/support/checkout";
import { ok } from "../lab/support/commands";
import { plainShell, SessionOptions } from "./session";

/** Where a document's commands run, and how what was made for them is taken away. */
export interface Place extends SessionOptions {
  remove: () => void;
}

/**
 * Inside the lab, as after `npx egress lab shell`, in a copy of this checkout, which is a repository of its own.
 * @throws LabError when no lab is up
 */
export function inTheLab(): Place {
  const { argv, env } = labCommand(plainShell);
  const { folder, remove } = scratchCheckout();
  const identity = ["-c", "user.name=reader", "-c", "user.email=reader@example.com"];
  for (const args of [
    ["init", "--quiet"],
    ["add", "--all"],
    [...identity, "commit", "--quiet", "--message=As it was"],
  ]) {
    ok(["git", ...args], { cwd: folder });
  }
  return { shell: argv, env: withoutDecoration(env), cwd: folder, remove };
}

/** In the folder that this process is in, outside any lab. */
export function here(): Place {
  return { env: withoutDecoration(process.env), cwd: process.cwd(), remove: () => undefined };
}

/**
 * An environment in which programs write as to a plain terminal, in English, and npm says nothing of its own settings.
 * Whatever npm has set for the process that runs this is left out: it would lead `npx` to another checkout.
 */
function withoutDecoration(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(([name]) => !/^(npm_|INIT_CWD$|FORCE_COLOR$|BASH_ENV$)/i.test(name));
  return {
    ...Object.fromEntries(own),
    LC_ALL: "C.UTF-8",
    TERM: "dumb",
    NO_COLOR: "1",
    PAGER: "cat",
    npm_config_loglevel: "error",
    npm_config_update_notifier: "false",
  };
}
