import { ContractError } from './contract-error.js';
import type { Invocation } from './invocation.js';
import { parseFirstJson } from './lenient-json.js';
import type { Details } from './raw-call.js';

/** Details that a call does not have are taken from here (CONTRACT §1.1). */
export const physicalDetailsVariable = 'CS_PHYSICAL_NETWORK_EXTENSION_DETAILS';
export const networkDetailsVariable = 'CS_NETWORK_EXTENSION_DETAILS';

const noDetails: Details = Object.freeze({});

/**
 * One details object from its text; absent or empty text and JSON null are an empty object. The text holds SSH secrets, so no error shows it.
 *
 * @throws ContractError when the text does not begin with a JSON object.
 */
export function parseDetails(command: string, spelling: string, text: string | undefined): Details {
  if (text === undefined || text === '') return noDetails;
  const value = parseFirstJson(text);
  if (value === null) return noDetails;
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new ContractError(
      `${command}: ${spelling}: expected a JSON object (the value is not shown, it holds secrets)`,
    );
  }
  return value as Details;
}

type DetailsVariable = typeof physicalDetailsVariable | typeof networkDetailsVariable;

/**
 * The details object that a variable of the environment holds. The commands of a batch have one environment in common.
 *
 * @throws ContractError when it is no JSON object.
 */
export function environmentDetails(
  command: string,
  spelling: string,
  variable: DetailsVariable,
  environment: Invocation['environment'],
): Details {
  let known = byEnvironment.get(environment);
  if (known === undefined) {
    known = {};
    byEnvironment.set(environment, known);
  }
  known[variable] ??= parseDetails(command, spelling, environment[variable]);
  return known[variable];
}

const byEnvironment = new WeakMap<Invocation['environment'], Partial<Record<DetailsVariable, Details>>>();
