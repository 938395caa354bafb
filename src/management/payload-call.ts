import * as z from 'zod/mini';
import { parseDetails } from '../contract/details.js';
import { parseFirstJson } from '../contract/lenient-json.js';
import type { Details } from '../contract/raw-call.js';
import type { EntryCall } from './call.js';
import { readCallFile } from './call-file.js';
import { ConfigurationFailure } from './failure.js';

const physicalDetailsKey = 'physical-network-extension-details';
const networkDetailsKey = 'network-extension-details';
/** What CloudStack gives, and what holds when it gives nothing that is a number. */
const usualTimeout = 60;

/**
 * Only what is needed here; the host's program reads the rest. Made when there is a payload: at every start it would take a millisecond of calls that
 * have none.
 */
function payloadSchemas() {
  const details = z.nullish(z.record(z.string(), z.unknown()));
  const identifier = z.nullish(z.union([z.string(), z.number()]));
  const subject = z.object({
    network_id: identifier,
    vpc_id: identifier,
    current_details: z.nullish(z.union([z.string(), z.record(z.string(), z.unknown())])),
  });
  const envelope = z.object({
    [physicalDetailsKey]: details,
    [networkDetailsKey]: details,
    payload: z.nullish(subject),
  });
  return { subject, envelope };
}

/**
 * A call of generation 2: everything is in one file of JSON (CONTRACT §1.1), which goes to the host as it is.
 *
 * @throws ConfigurationFailure, ContractError
 */
export function readPayloadCall(command: string, path: string, givenTimeout: string): EntryCall {
  const file = readCallFile(command, 'payload file', path);
  const value = parseFirstJson(Buffer.from(file).toString('utf8'));
  const schemas = payloadSchemas();
  const envelope = schemas.envelope.safeParse(value);
  // A custom action has no payload object: its keys stand beside the details.
  const flat = schemas.subject.safeParse(value);
  if (!envelope.success || !flat.success)
    throw new ConfigurationFailure(
      `${command}: the payload file is not what CloudStack writes: expected a JSON object with ${physicalDetailsKey}, ${networkDetailsKey} and payload (it is not shown, it holds secrets)`,
    );
  const subject = envelope.data.payload ?? flat.data;
  const timeout = /^[1-9][0-9]{0,5}$/.test(givenTimeout) ? Number(givenTimeout) : usualTimeout;
  return {
    command,
    networkId: String(subject.network_id ?? ''),
    vpcId: String(subject.vpc_id ?? ''),
    physicalDetails: envelope.data[physicalDetailsKey] ?? {},
    networkDetails: envelope.data[networkDetailsKey] ?? {},
    currentDetails: currentDetails(command, subject.current_details ?? undefined),
    words: [command, { file: 1 }, String(timeout)],
    files: [file],
    timeout,
  };
}

/** CloudStack sends them as JSON within JSON. */
function currentDetails(command: string, sent: string | Details | undefined): Details {
  return typeof sent === 'object' ? sent : parseDetails(command, 'current_details', sent);
}
