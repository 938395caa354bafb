/** The variables that the contract knows (CONTRACT §1.1). */
export function contractEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const names = ['CS_PHYSICAL_NETWORK_EXTENSION_DETAILS', 'CS_NETWORK_EXTENSION_DETAILS'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
