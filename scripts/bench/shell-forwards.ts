import type { Network } from '../../test/system/network.js';
import type { ForwardedPort } from './many-forwards.js';

export interface Forwards {
  readonly publicIp: string;
  readonly privateIp: string;
  readonly ports: readonly ForwardedPort[];
}

/**
 * The rules of many port forwards as a shell wrapper has them, in its chains: it would take hours to add them one by one.
 *
 * @param guestLink the namespace's end of the guest link
 */
export async function loadShellForwards(
  network: Network,
  guestLink: string,
  { publicIp, privateIp, ports }: Forwards,
): Promise<void> {
  const forward = `CS_EXTNET_FWD_${network.id}`;
  const rules = [
    '*nat',
    ...ports.map(
      ({ protocol, port }) =>
        `-A CS_EXTNET_${network.id}_PR -d ${publicIp}/32 -p ${protocol} --dport ${port} -j DNAT --to-destination ${privateIp}:${port}`,
    ),
    'COMMIT',
    '*filter',
    ...ports.flatMap(({ protocol, port }) => [
      `-A ${forward} -d ${privateIp}/32 -o ${guestLink} -p ${protocol} --dport ${port} -j ACCEPT`,
      `-A ${forward} -s ${privateIp}/32 -i ${guestLink} -p ${protocol} --sport ${port} -j ACCEPT`,
    ]),
    'COMMIT',
  ];
  const outcome = await network.inside.run(['iptables-restore', '--noflush'], { input: `${rules.join('\n')}\n` });
  if (outcome.exit !== 0) throw new Error(`iptables-restore: ${outcome.stderr.slice(0, 1000)}`);
}
