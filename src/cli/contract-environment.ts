import { networkDetailsVariable, physicalDetailsVariable } from '../contract/details.js';

/** The variables that the contract knows (CONTRACT §1.1). */
export function contractEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const names = [physicalDetailsVariable, networkDetailsVariable];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
