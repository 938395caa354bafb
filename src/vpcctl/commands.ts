/** What each command does: it reads the VPCs, edits them, and carries the difference out. */

import type { Kernel } from '../executor/kernel.js';
import { formatTransaction } from '../format/nft/index.js';
import { NetfilterTransaction } from '../kernel/nft/transaction.js';
import { mainTable } from '../kernel/route/route.js';
import { interfaceNameLength } from '../model/names.js';
import { carryOut } from './carry-out.js';
import { difference } from './describe.js';
import type { DesiredVpc } from './document/desired-file.js';
import { withoutUnwanted, withWanted } from './edits/desired.js';
import { removeNat, setupNat } from './edits/nat.js';
import { peer, unpeer } from './edits/peering.js';
import { applyPolicy, placeOfPolicy, removePolicy } from './edits/policy.js';
import { addSubnet, type NewSubnet, removeSubnet } from './edits/subnet.js';
import { type Present, takenNames, wantedNames } from './edits/taken.js';
import { createVpc, deleteVpc, withTables } from './edits/vpc.js';
import { requireVpc } from './edits/with-vpc.js';
import { hostRules } from './kernel/converge.js';
import { type Scope, subnetsIn } from './kernel/scope.js';
import type { MetadataStore } from './metadata/store.js';
import type { PolicyFile } from './model/policy.js';
import type { Vpcs } from './model/vpc.js';
import { hasPeers } from './rules/bridge-table.js';
import { addPolicyTable } from './rules/policy-table.js';
import { VpcctlError } from './vpcctl-error.js';

export interface Context {
  readonly kernel: Kernel;
  readonly store: MetadataStore;
  /** Print the plan and change nothing. */
  readonly dryRun: boolean;
  /** Takes one line of output. */
  readonly say: (line: string) => void;
}

/** States the VPCs go through, each either with something less or with something more; and what is to be completed in any case. */
interface Edited {
  readonly steps: readonly Vpcs[];
  readonly scope: Scope;
}

const nothing: ReadonlySet<string> = new Set();
const only = (vpc: string, ...subnets: readonly string[]): Scope =>
  new Map([[vpc, subnets.length === 0 ? nothing : new Set(subnets)]]);
const both = (one: string, other: string): Scope =>
  new Map([
    [one, nothing],
    [other, nothing],
  ]);

type Edit = (vpcs: Vpcs) => Edited | Promise<Edited>;

/** @param isToldFirst whether the difference is said before it is carried out, not when it is done */
async function perform(context: Context, edit: Edit, isToldFirst = false): Promise<void> {
  if (context.dryRun) return preview(context, edit);
  const { store, kernel, say } = context;
  await store.locked(kernel.tryLock, async () => {
    const before = store.read();
    const { steps, scope } = await edit(withTables(before));
    const lines = difference(before, steps.at(-1) ?? before);
    const tell = () => (lines.length === 0 ? ['nothing to change'] : lines).forEach(say);
    if (isToldFirst) tell();
    let state = before;
    for (const after of steps) {
      await carryOut(context, state, after, scope);
      state = after;
    }
    if (!isToldFirst) tell();
  });
}

/** The difference, and the rules as nft takes them. */
async function preview({ store, say }: Context, edit: Edit): Promise<void> {
  const before = store.read();
  const { steps, scope } = await edit(withTables(before));
  const after = steps.at(-1) ?? before;
  const lines = difference(before, after);
  for (const line of lines.length === 0 ? ['nothing to change'] : lines) say(`# ${line}`);
  sayRules('rules of the host', hostRules(after, hasPeers(before) || hasPeers(after)));
  for (const { subnet } of subnetsIn(scope, after)) {
    if (subnet.policy === undefined) continue;
    const transaction = new NetfilterTransaction();
    addPolicyTable(transaction, subnet.policy);
    sayRules(`rules in namespace ${subnet.namespace}`, transaction);
  }

  function sayRules(title: string, transaction: NetfilterTransaction): void {
    say(`# ${title}`);
    for (const line of formatTransaction(transaction, { names: true }).trimEnd().split('\n')) say(line);
  }
}

/** Which of the names one would like to have are there, and none of ours. */
async function look(
  { kernel }: Context,
  vpcs: Vpcs,
  wanted: { links: string[]; namespaces: string[] },
): Promise<Present> {
  const ours = takenNames(vpcs, { links: nothing, namespaces: nothing });
  const route = await kernel.openRoute();
  try {
    // Longer ones cannot be there, and the kernel does not take them.
    const names = wanted.links.filter((name) => name.length <= interfaceNameLength && !ours.link(name));
    const links = await route.linksNamed(names);
    const namespaces = wanted.namespaces.filter((name) => !ours.namespace(name) && kernel.isNamespace(name));
    return { links: new Set(links.keys()), namespaces: new Set(namespaces) };
  } finally {
    await route.close();
  }
}

export function runCreateVpc(context: Context, name: string, cidr: string): Promise<void> {
  return perform(context, async (vpcs) => {
    const present = await look(context, vpcs, wantedNames(name));
    return { steps: [createVpc(vpcs, name, cidr, present, new Date())], scope: only(name) };
  });
}

export function runAddSubnet(context: Context, subnet: NewSubnet): Promise<void> {
  return perform(context, async (vpcs) => {
    const present = await look(context, vpcs, wantedNames(subnet.vpc, [subnet.name]));
    return { steps: [addSubnet(vpcs, subnet, present)], scope: only(subnet.vpc, subnet.name) };
  });
}

export function runRemoveSubnet(context: Context, vpc: string, name: string): Promise<void> {
  return perform(context, (vpcs) => ({ steps: [removeSubnet(vpcs, vpc, name)], scope: only(vpc) }));
}

export function runSetupNat(context: Context, name: string, link: string | undefined): Promise<void> {
  return perform(context, async (vpcs) => {
    const { nat_interface } = requireVpc(vpcs, name);
    const chosen = link ?? nat_interface ?? (await defaultLink(context));
    if (link !== undefined) await requireLinks(context, [link]);
    return { steps: [setupNat(vpcs, name, chosen)], scope: only(name) };
  });
}

export function runRemoveNat(context: Context, name: string): Promise<void> {
  return perform(context, (vpcs) => ({ steps: [removeNat(vpcs, name)], scope: only(name) }));
}

/** @throws VpcctlError when one of the links that NAT is to lead out of is not there */
async function requireLinks({ kernel }: Context, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const route = await kernel.openRoute();
  try {
    const known = names.filter((name) => name.length <= interfaceNameLength);
    const found = await route.linksNamed(known);
    const missing = names.find((name) => !found.has(name));
    if (missing === undefined) return;
    throw new VpcctlError(`NAT: "${missing}": no such interface on this host; expected one that leads to the internet`);
  } finally {
    await route.close();
  }
}

/** The link of the default route with the lowest metric. */
async function defaultLink({ kernel }: Context): Promise<string> {
  const route = await kernel.openRoute();
  try {
    const routes = (await route.routes({ family: 'inet', table: mainTable }))
      .filter(({ destination, link }) => destination === 'default' && link !== undefined)
      .sort((one, other) => (one.metric ?? 0) - (other.metric ?? 0));
    const index = routes[0]?.link;
    const link = index === undefined ? undefined : (await route.links()).find((one) => one.index === index);
    if (link !== undefined) return link.name;
  } finally {
    await route.close();
  }
  throw new VpcctlError('NAT: this host has no default route; expected the name of the interface to lead out of');
}

export function runPeer(context: Context, one: string, other: string): Promise<void> {
  return perform(context, (vpcs) => ({ steps: [peer(vpcs, one, other)], scope: both(one, other) }));
}

export function runUnpeer(context: Context, one: string, other: string): Promise<void> {
  return perform(context, (vpcs) => ({ steps: [unpeer(vpcs, one, other)], scope: both(one, other) }));
}

/** @param vpc the VPC it must be of, if that was said */
export function runApplyPolicy(
  context: Context,
  { version, namespace, subnet, ...policy }: PolicyFile,
  vpc?: string,
): Promise<void> {
  return perform(context, (vpcs) => {
    const place = placeOfPolicy(vpcs, { namespace, subnet }, vpc);
    return { steps: [applyPolicy(vpcs, place, policy)], scope: only(place.vpc.name, place.subnet.name) };
  });
}

export function runRemovePolicy(
  context: Context,
  find: (vpcs: Vpcs) => readonly [vpc: string, subnet: string],
): Promise<void> {
  return perform(context, (vpcs) => {
    const [vpc, subnet] = find(vpcs);
    return { steps: [removePolicy(vpcs, vpc, subnet)], scope: only(vpc, subnet) };
  });
}

export function runDeleteVpc(context: Context, name: string): Promise<void> {
  return perform(context, (vpcs) => ({ steps: [deleteVpc(vpcs, name)], scope: new Map() }));
}

/** Two steps: what the file does not want goes, what it wants comes. */
export function runApply(context: Context, desired: readonly DesiredVpc[]): Promise<void> {
  return perform(
    context,
    async (vpcs) => {
      const wanted = desired.map(({ name, subnets = [] }) =>
        wantedNames(
          name,
          subnets.map((subnet) => subnet.name),
        ),
      );
      const present = await look(context, vpcs, {
        links: wanted.flatMap(({ links }) => links),
        namespaces: wanted.flatMap(({ namespaces }) => namespaces),
      });
      await requireLinks(
        context,
        desired.flatMap(({ nat }) => (typeof nat === 'string' ? [nat] : [])),
      );
      const link = desired.some(({ nat }) => nat === true)
        ? await defaultLink(context).catch((error: unknown) => error)
        : '';
      const left = withoutUnwanted(vpcs, desired);
      const made = withWanted(left, desired, {
        present,
        now: new Date(),
        defaultLink: () => {
          if (typeof link === 'string') return link;
          throw link;
        },
      });
      const scope: Scope = new Map(desired.map(({ name }) => [name, 'all' as const]));
      return { steps: left === vpcs ? [made] : [left, made], scope };
    },
    true,
  );
}
