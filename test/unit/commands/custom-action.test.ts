import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import type { CustomAction, Target } from '../../../src/contract/command.js';
import type { ActionRequest } from '../../../src/contract/custom-action.js';
import { applyChange, change } from '../../../src/model/change.js';
import { Domain } from '../../../src/model/domain.js';
import { PolicyRouting } from '../../../src/model/policy-routing.js';
import { changeEdits } from '../../../src/state/change-edits.js';
import {
  destroy,
  destroyVpc,
  domainAfter,
  implement,
  implementTier,
  implementVpc,
  shutdown,
  shutdownVpc,
  target,
  tierTarget,
  vpcTarget,
} from './builders.js';

const ask = (
  request: ActionRequest,
  where: Target = target(),
  answer: CustomAction['answer'] = 'text',
): CustomAction => ({ name: 'custom-action', target: where, request, answer });
const routing = new PolicyRouting([{ table: 100, route: { type: 'blackhole', destination: 'default' } }], []);

/** A domain that has policy routing. */
function withRouting(domain: Domain): Domain {
  for (const edit of change(domain, 'policyRouting', domain.id.id, routing)) applyChange(domain, edit);
  return domain;
}

const all: ActionRequest[] = [
  { action: 'reboot-device' },
  { action: 'dump-config' },
  { action: 'list-firewall-rules' },
  { action: 'pbr-list-tables' },
  { action: 'pbr-create-table', table: { id: 100, name: 'isp2' } },
  { action: 'pbr-delete-table', table: { id: 100 } },
  { action: 'pbr-list-routes', table: undefined },
  { action: 'pbr-add-route', table: { id: 100 }, route: { destination: 'default' }, tableText: '', routeText: '' },
];

describe('custom-action', () => {
  it.each(all)('$action without a namespace is refused', (request) => {
    const domain = new Domain({ kind: 'network', id: '42' }, 'cs-net-42');
    expect(() => planCommand(ask(request), domain)).toThrow(/^custom-action: .*namespace cs-net-42 does not exist/);
  });

  it.each(all)('$action on a network that is no tier of the VPC is refused', (request) => {
    const domain = domainAfter(implementTier(1));
    expect(() => planCommand(ask(request, tierTarget(7)), domain)).toThrow(/no tier of VPC 9/);
    expect(() => planCommand(ask(request, tierTarget(1)), domain)).not.toThrow();
  });

  it.each(all)('$action changes neither links nor rules', (request) => {
    const plan = planCommand(ask(request), domainAfter(implement()));
    expect(plan).toMatchObject({ namespace: 'expect', changes: [], endConnections: [] });
    expect(plan.action?.action).toBe(request.action);
  });

  it('bounces the guest link and announces the gateway', () => {
    expect(planCommand(ask({ action: 'reboot-device' }), domainAfter(implement()))).toMatchObject({
      action: { hostEnd: 'vh-100-42' },
      announcements: [{ link: 'vn-100-42', address: '10.1.1.1' }],
    });
    // A tier's link has the VPC's id (CONTRACT §11.18).
    const tier = domainAfter(implementTier(1));
    expect(planCommand(ask({ action: 'reboot-device' }, tierTarget(1)), tier)).toMatchObject({
      action: { hostEnd: 'vh-100-9' },
    });
  });

  it('has nothing to bounce in a network without a VLAN, or that is shut down', () => {
    const reboot = ask({ action: 'reboot-device' });
    const bare = domainAfter(implement({ target: target({ vlan: undefined }) }));
    expect(() => planCommand(reboot, bare)).toThrow(/network 42 has no guest link/);
    const down = domainAfter(implementTier(1), implementTier(2), shutdown(tierTarget(1)));
    expect(() => planCommand(ask({ action: 'reboot-device' }, tierTarget(1)), down)).toThrow(
      /network 51 has no guest link/,
    );
  });

  it('leaves a hook to be started afterwards, also without a namespace', () => {
    const hook = { action: 'hook', name: 'a', parameters: '{}' } as const;
    const plan = planCommand(ask(hook), new Domain({ kind: 'network', id: '42' }, 'cs-net-42'));
    expect(plan).toMatchObject({ hook, action: undefined, namespace: 'expect' });
  });
});

describe('policy routing', () => {
  const kept = (domain: Domain, command: Parameters<typeof planCommand>[0]) => {
    const plan = planCommand(command, domain);
    const ends = plan.changes.some(({ kind, after }) => kind === 'policyRouting' && after === undefined);
    return { routing: !ends, names: !plan.removesTableNames };
  };

  it('comes back with implement-network and implement-vpc', () => {
    expect(planCommand(implement(), new Domain({ kind: 'network', id: '42' }, 'cs-net-42')).restoresPolicyRouting).toBe(
      true,
    );
    expect(planCommand(implementVpc(), domainAfter(implementVpc())).restoresPolicyRouting).toBe(true);
    expect(planCommand(shutdown(), domainAfter(implement())).restoresPolicyRouting).toBe(false);
  });

  it('goes with the namespace, the names with the network', () => {
    const network = () => withRouting(domainAfter(implement()));
    expect(kept(network(), shutdown())).toEqual({ routing: false, names: true });
    expect(kept(network(), destroy())).toEqual({ routing: false, names: false });
  });

  it('of a VPC stays while a tier goes, and goes with the VPC', () => {
    const vpc = () => withRouting(domainAfter(implementVpc(), implementTier(1)));
    expect(kept(vpc(), shutdown(tierTarget(1)))).toEqual({ routing: true, names: true });
    expect(kept(vpc(), destroy(tierTarget(1)))).toEqual({ routing: true, names: true });
    expect(kept(vpc(), shutdownVpc())).toEqual({ routing: false, names: true });
    expect(kept(vpc(), destroyVpc())).toEqual({ routing: false, names: false });
    expect(kept(withRouting(domainAfter(implementVpc())), shutdownVpc())).toEqual({ routing: false, names: false });
  });

  it('is a file of the domain', () => {
    const domain = domainAfter(implement());
    const changes = change(domain, 'policyRouting', '42', routing);
    expect(changeEdits(domain, changes)).toEqual([
      { path: 'network-42/policy-routing', content: 'route table 100 blackhole default\n' },
    ]);
    const full = withRouting(domain);
    expect(changeEdits(full, change(full, 'policyRouting', '42', undefined))).toEqual([
      { path: 'network-42/policy-routing', remove: true },
    ]);
    const edits = changeEdits(full, planCommand(shutdown(), full).changes);
    expect(edits).toContainEqual({ path: 'network-42/policy-routing', remove: true });
    // The whole directory goes, nothing in it is named beside it.
    expect(changeEdits(full, planCommand(destroy(), full).changes)).toEqual([{ path: 'network-42', removeTree: true }]);
  });

  it('of generation 2 on a whole VPC makes its namespace when it is missing', () => {
    const missing = () => new Domain({ kind: 'vpc', id: '9' }, 'cs-vpc-9');
    const plan = planCommand(ask({ action: 'pbr-list-tables' }, vpcTarget, 'json'), missing());
    expect(plan).toMatchObject({ namespace: 'ensure', action: { action: 'pbr-list-tables' } });
    const there = planCommand(ask({ action: 'pbr-list-tables' }, vpcTarget, 'json'), domainAfter(implementVpc()));
    expect(there).toMatchObject({ namespace: 'expect', changes: [] });
    for (const one of [
      ask({ action: 'pbr-list-tables' }, vpcTarget),
      ask({ action: 'pbr-list-tables' }, tierTarget(1), 'json'),
    ]) {
      expect(() => planCommand(one, missing())).toThrow('namespace cs-vpc-9 does not exist');
    }
  });
});
