import { z } from 'zod';
import { expectedOptionValue, formatOptionValue, parseOptionCode } from '../../model/dhcp-option.js';
import { ContractError } from '../contract-error.js';
import type { SetDhcpOptions } from '../name-service-command.js';
import { readJson } from '../nested-value.js';
import { quote } from '../quote.js';
import { type RawCall, refuse } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf } from '../target.js';
import { identifier } from '../values.js';

const schema = z.object({ ...targetFields, nic_id: identifier });

/** CONTRACT §6.6. */
const optionsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

/** CONTRACT §5.12. One bad option rejects all of them. An option without a value is one that the NIC does not have. */
export function decodeSetDhcpOptions(call: RawCall): SetDhcpOptions {
  const values = read(call, schema);
  const isSent = call.fields.options !== undefined || call.nested.options !== undefined;
  const sent = optionsSchema.safeParse(isSent ? readJson(call, 'options') : {});
  if (!sent.success) throw refuse(call, 'options', 'a JSON object of DHCP option numbers and their values');
  const refused = (reason: string) => new ContractError(`${call.command}: ${call.spelling('options')}: ${reason}`);
  const options = Object.entries(sent.data).flatMap(([name, given]): [number, string][] => {
    const code = parseOptionCode(name);
    if (code === undefined) throw refused(`option ${quote(name)}: expected a number from 1 to 254`);
    if (given === null || given === '') return [];
    const value = String(given);
    if (formatOptionValue(code, value) === undefined) {
      throw refused(`option ${code} ${quote(value)}: expected ${expectedOptionValue(code)}`);
    }
    return [[code, value]];
  });
  options.sort(([one], [other]) => one - other);
  return { name: 'set-dhcp-options', target: targetOf(call, values), nicId: values.nic_id, options };
}
