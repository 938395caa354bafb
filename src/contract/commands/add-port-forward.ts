import { z } from 'zod';
import { formatPortRange, portCount } from '../../model/ports.js';
import type { AddPortForward } from '../command.js';
import { type RawCall, refuse } from '../raw-call.js';
import { read } from '../read.js';
import { targetFields, targetOf } from '../target.js';
import { address, portRange, protocol, vlan } from '../values.js';

const schema = z.object({
  ...targetFields,
  public_ip: address,
  public_vlan: vlan,
  protocol,
  public_port: portRange,
  private_ip: address,
  private_port: portRange,
});

/** CONTRACT §5.7. Ranges map port by port, so both have one length. */
export function decodeAddPortForward(call: RawCall): AddPortForward {
  const values = read(call, schema);
  const count = portCount(values.public_port);
  if (portCount(values.private_port) !== count) {
    const ports = count === 1 ? 'one port' : `a range of ${count} ports`;
    throw refuse(
      call,
      'private_port',
      `${ports} to match ${call.spelling('public_port')} ${formatPortRange(values.public_port)}`,
    );
  }
  return {
    name: 'add-port-forward',
    target: targetOf(call, values),
    publicIp: values.public_ip,
    publicVlan: values.public_vlan,
    protocol: values.protocol,
    publicPorts: values.public_port,
    privateIp: values.private_ip,
    privatePorts: values.private_port,
  };
}
