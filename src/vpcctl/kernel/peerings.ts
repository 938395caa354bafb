/** The pairs of links between the bridges of peers. */

import { addLink, changeLink, type Link } from '../../kernel/route/link.js';
import { peerLinkName } from '../model/names.js';
import { peersOf, type Vpc, type Vpcs } from '../model/vpc.js';
import { VpcctlError } from '../vpcctl-error.js';
import { type HostSession, perform, type Wanted } from './host-session.js';

/** A link in a bridge. */
interface Port {
  readonly link: string;
  readonly bridge: string;
}

const portOf = (vpc: Vpc, peer: Vpc): Port => ({ link: peerLinkName(vpc.name, peer.name), bridge: vpc.bridge });

/** Brings the pairs of some VPCs. The rules about them come first: they are by name. */
export async function convergePeerings(session: HostSession, vpcs: readonly Vpc[], all: Vpcs): Promise<void> {
  const pairs = new Map<string, readonly [Port, Port]>();
  for (const vpc of vpcs) {
    for (const peer of peersOf(vpc, all)) {
      pairs.set([vpc.name, peer.name].sort().join(' '), [portOf(vpc, peer), portOf(peer, vpc)]);
    }
  }
  if (pairs.size === 0) return;
  const ports = [...pairs.values()].flat();
  const names = ports.flatMap(({ link, bridge }) => [link, bridge]);
  let links = await session.route.linksNamed(names);
  const missing = [...pairs.values()].filter(([{ link }]) => !links.has(link));
  if (missing.length > 0) {
    await perform(
      session.route,
      missing.map(([{ link }, other]) => ({
        operation: addLink({ object: 'link', name: link, kind: { kind: 'veth', peer: { name: other.link } } }),
      })),
    );
    links = await session.route.linksNamed(names);
  }
  await perform(
    session.route,
    ports.flatMap((port) => portChange(port, links)),
  );
}

function portChange({ link, bridge }: Port, links: ReadonlyMap<string, Link>): Wanted[] {
  const found = links.get(link);
  const master = links.get(bridge)?.index;
  if (found === undefined || master === undefined) {
    throw new VpcctlError(`link ${link} in bridge ${bridge}: one of them went away; repeat the command`);
  }
  if (found.up && found.master === master) return [];
  return [{ operation: changeLink({ object: 'link', index: found.index, master, up: true }) }];
}
