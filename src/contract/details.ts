import { ContractError } from './contract-error.js';
import { parseFirstJson } from './lenient-json.js';
import type { Details } from './raw-call.js';

/** Details that a call does not have are taken from here (CONTRACT §1.1). */
export const physicalDetailsVariable = 'CS_PHYSICAL_NETWORK_EXTENSION_DETAILS';
export const networkDetailsVariable = 'CS_NETWORK_EXTENSION_DETAILS';

/**
 * One details object from its text; absent or empty text and JSON null are an empty object. The text holds SSH secrets, so no error shows it.
 *
 * @throws ContractError when the text does not begin with a JSON object.
 */
export function parseDetails(command: string, spelling: string, text: string | undefined): Details {
  if (text === undefined || text === '') return {};
  const value = parseFirstJson(text);
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new ContractError(
      `${command}: ${spelling}: expected a JSON object (the value is not shown, it holds secrets)`,
    );
  }
  return value as Details;
}
