import { isNamespaceName, networkNamespace, vpcNamespace } from '../model/names.js';
import { ContractError } from './contract-error.js';
import { quote } from './quote.js';
import type { RawCall } from './raw-call.js';

/**
 * The namespace of a network: `cs-vpc-<V>`, else what the network's details say, else `cs-net-<N>`. A given name must be a plain file name
 * that is not reserved for another network or for a VPC, because shutdown deletes it.
 *
 * @throws ContractError
 */
export function namespaceOf(call: RawCall, networkId: string, vpcId: string | undefined): string {
  if (vpcId !== undefined) return vpcNamespace(vpcId);
  const own = networkNamespace(networkId);
  const given = call.networkDetails.namespace;
  if (given === undefined || given === null || given === '' || given === own) return own;
  const place = `${call.command}: ${call.networkDetailsSpelling} "namespace"`;
  if (typeof given !== 'string' || !isNamespaceName(given)) {
    const shown = typeof given === 'string' ? ` ${quote(given)}` : '';
    throw new ContractError(`${place}${shown}: expected a name of up to 64 letters, digits, ".", "_" and "-"`);
  }
  if (/^cs-(?:net|vpc)-[0-9]+$/.test(given)) {
    throw new ContractError(
      `${place} ${quote(given)}: expected ${own} or a name of its own, this is another network's`,
    );
  }
  return given;
}
