import { z } from 'zod';
import type { SaveUserData } from '../command.js';
import { ContractError } from '../contract-error.js';
import { readNestedValue } from '../nested-value.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf } from '../target.js';
import { address } from '../values.js';
import { readVmData } from '../vm-data.js';

const schema = z.object({ ...targetFields, ip: address });

/** CONTRACT §5.14, §6.4: a JSON array. An entry that cannot be served is left out, with a warning. */
export function decodeSaveVmData(call: RawCall): SaveUserData {
  const { ip, ...values } = read(call, schema);
  const target = targetOf(call, values);
  const { value: entries, contents } = readNestedValue(call, 'vm_data');
  if (!Array.isArray(entries)) {
    throw new ContractError(
      `${call.command}: ${call.spelling('vm_data')}: expected a JSON array of objects with dir, file and content`,
    );
  }
  const warn = (text: string) => call.warnings.push(`${call.command}: ${text}; skipped`);
  return { name: 'save-vm-data', target, guestIp: ip, ...readVmData(entries, contents, warn) };
}
