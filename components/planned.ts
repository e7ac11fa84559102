import { ArgumentError } from "../model";

/**
 * What a planner makes of a component's arguments; what is wrong with them is said in the component's own words.
 *
 * @param component its type and name: `EgressDestination "stripe"`
 * @param names arguments of the component by those that the planner has for them, where they differ
 * @throws ArgumentError with every problem there is
 */
export function planned<T>(component: string, names: Record<string, string>, plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof ArgumentError)) {
      throw error;
    }
    const problems = error.problems.map(({ argument, problem }) => {
      const [, name = "", place = ""] = /^(\w+)(.*)$/s.exec(argument) ?? [];
      const own = `${names[name] ?? name}${place}`;
      // What a planner is given in one argument may be several of the component's.
      return { argument: own.replace(/^\./, ""), problem };
    });
    throw new ArgumentError(component, problems);
  }
}
