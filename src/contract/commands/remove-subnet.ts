import { z } from 'zod';
import type { RemoveDhcpSubnet, RemoveDnsSubnet } from '../name-service-command.js';
import type { RawCall } from '../raw-call.js';
import { read } from '../read.js';
import { targetOf, targetToRemoveFields } from '../target.js';

const schema = z.object(targetToRemoveFields);

/** CONTRACT §5.12. */
export function decodeRemoveDhcpSubnet(call: RawCall): RemoveDhcpSubnet {
  return { name: 'remove-dhcp-subnet', target: targetOf(call, read(call, schema)) };
}

/** CONTRACT §5.12. */
export function decodeRemoveDnsSubnet(call: RawCall): RemoveDnsSubnet {
  return { name: 'remove-dns-subnet', target: targetOf(call, read(call, schema)) };
}
