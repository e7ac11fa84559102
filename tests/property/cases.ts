/**
 * Which cases the property tests take: the same in each run, so that what passed on a commit passes on it again, and a
 * failure is of the change that is tested. `CASES=new` takes others, by a seed that is printed; `CASES=<seed>` those.
 */
import fc from "fast-check";

const usual = 20261201;

function seedOf(asked: string | undefined): number {
  if (asked === undefined || asked === "") return usual;
  if (asked === "new") {
    const seed = Math.floor(Math.random() * 2 ** 31);
    process.stdout.write(`Property tests take new cases: CASES=${seed} takes them again.\n`);
    return seed;
  }
  if (!/^\d{1,10}$/.test(asked)) {
    throw new Error(`CASES: "${asked}" is no seed. Leave it out for the usual cases, or give "new" or a whole number.`);
  }
  return Number(asked);
}

fc.configureGlobal({ seed: seedOf(process.env.CASES) });
