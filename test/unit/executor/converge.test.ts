import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import { type Links, noLinks } from '../../../src/commands/plan.js';
import { nextSteps, removalSteps, sharedLinks } from '../../../src/executor/converge.js';
import { assign, domainAfter, implement, target } from '../commands/builders.js';
import { type Given, lines, link, observed } from './observation.js';

const namespaceDescriptor = 90;
const hostDescriptor = 91;

function next(links: Links, given: Given): string[] {
  const round = { links, observed: observed(given), namespaceDescriptor, hostDescriptor, namespace: 'cs-net-42' };
  return lines(nextSteps(round).steps);
}

/** What implement-network wants of a network with a public address. */
const links = planCommand(implement(), domainAfter(implement(), assign('203.0.113.10', { sourceNat: true }))).links;
/** And one without. */
const guestLinks = planCommand(implement(), domainAfter()).links;

const eth1 = link('eth1', 2);
const bridge = link('breth1-100', 10, { kind: 'bridge' });
const port = link('eth1.100', 11, { master: 10, kind: 'vlan', vlan: 100, parent: 2 });
const end = link('vh-100-42', 12, { master: 10, parent: 5, parentNamespaceId: 1 });
const publicBridge = link('breth1-200', 20, { kind: 'bridge' });
const publicPort = link('eth1.200', 21, { master: 20, kind: 'vlan', vlan: 200, parent: 2 });
const publicEnd = link('vph-200-42', 22, { master: 20, parent: 6, parentNamespaceId: 1 });
const lo = link('lo', 1, { kind: undefined });
const inner = link('vn-100-42', 5);
const publicInner = link('vpn-200-42', 6);

const complete = {
  host: [eth1, bridge, port, end, publicBridge, publicPort, publicEnd],
  inside: [lo, inner, publicInner],
  addresses: ['1 127.0.0.1/8', '5 10.1.1.1/24', '6 203.0.113.10/24'],
  hostRoutes: { '203.0.113.10': 22 },
  defaultRoute: { gateway: '203.0.113.1', link: 6 },
} as const satisfies Given;

/** The complete network with some links replaced by others, or taken away. */
function without(where: 'host' | 'inside', ...names: string[]): Given {
  return { ...complete, [where]: complete[where].filter(({ name }) => !names.includes(name)) };
}
function withLinks(where: 'host' | 'inside', ...changed: ReturnType<typeof link>[]): Given {
  const names = changed.map(({ name }) => name);
  return { ...complete, [where]: [...complete[where].filter(({ name }) => !names.includes(name)), ...changed] };
}

describe('nextSteps', () => {
  it('needs nothing for a complete network', () => {
    expect(next(links, complete)).toEqual([]);
    expect(
      nextSteps({ links, observed: observed(complete), namespaceDescriptor, hostDescriptor, namespace: 'n' }).last,
    ).toBe(true);
  });

  it('builds from nothing in rounds: bridge and port, the pair, what is inside', () => {
    expect(
      next(guestLinks, {
        host: [link('eth1', 2, { up: false })],
        inside: [link('lo', 1, { up: false, kind: undefined })],
      }),
    ).toEqual([
      'host: add link breth1-100 (bridge), up, {stpState:0,forwardDelay:0} ← delete link breth1-100',
      'host: change link with index 2, up ← change link with index 2, down',
      'host: add link eth1.100 (vlan), up, {id:100} ← delete link eth1.100',
    ]);
    const bare = { ...port, master: undefined };
    const lonely = [eth1, bridge, bare];
    const lowLo = link('lo', 1, { up: false, kind: undefined });
    expect(next(guestLinks, { host: lonely, inside: [lowLo] })).toEqual([
      'host: change link with index 11, master 10 ← change link with index 11, master 0',
      'host: add link vh-100-42 (veth), up, master 10, {peer:{name:vn-100-42,namespaceDescriptor:90}} ← delete link vh-100-42',
    ]);
    expect(next(guestLinks, { host: [eth1, bridge, port, end], inside: [lowLo, { ...inner, up: false }] })).toEqual([
      'inside: change link with index 1, up ← change link with index 1, down; delete address 127.0.0.1/8 on link with index 1',
      'inside: change link with index 5, up ← change link with index 5, down',
      'inside: add address 10.1.1.1/24 on link with index 5 ← delete address 10.1.1.1/24 on link with index 5',
    ]);
  });

  const halfBuilt: readonly (readonly [string, Given, readonly string[]])[] = [
    [
      'the bridge is down',
      withLinks('host', { ...bridge, up: false }),
      ['host: change link with index 10, up ← change link with index 10, down'],
    ],
    [
      'the port is down and out of the bridge',
      withLinks('host', { ...port, up: false, master: undefined }),
      [
        'host: change link with index 11, up ← change link with index 11, down',
        'host: change link with index 11, master 10 ← change link with index 11, master 0',
      ],
    ],
    [
      'the device below the VLAN is down',
      withLinks('host', { ...eth1, up: false }),
      ['host: change link with index 2, up ← change link with index 2, down'],
    ],
    [
      'the host end is down and out of the bridge',
      withLinks('host', { ...end, up: false, master: undefined }),
      [
        'host: change link with index 12, up ← change link with index 12, down',
        'host: change link with index 12, master 10 ← change link with index 12, master 0',
      ],
    ],
    [
      'the guest pair is gone',
      { ...without('host', 'vh-100-42'), inside: [lo, publicInner] },
      [
        'host: add link vh-100-42 (veth), up, master 10, {peer:{name:vn-100-42,namespaceDescriptor:90}} ← delete link vh-100-42',
      ],
    ],
    [
      'the public bridge is gone, its ports are bare',
      {
        ...complete,
        host: [eth1, bridge, port, end, { ...publicPort, master: undefined }, { ...publicEnd, master: undefined }],
      },
      ['host: add link breth1-200 (bridge), up, {stpState:0,forwardDelay:0} ← delete link breth1-200'],
    ],
    [
      'the end inside is down',
      withLinks('inside', { ...inner, up: false }),
      ['inside: change link with index 5, up ← change link with index 5, down'],
    ],
    [
      'the loopback is down, its address there',
      withLinks('inside', { ...lo, up: false }),
      ['inside: change link with index 1, up ← change link with index 1, down'],
    ],
    [
      'the public address is missing',
      { ...complete, addresses: ['1 127.0.0.1/8', '5 10.1.1.1/24'] },
      [
        'inside: add address 203.0.113.10/24 on link with index 6 ← delete address 203.0.113.10/24 on link with index 6',
      ],
    ],
    [
      'the address has another prefix',
      { ...complete, addresses: ['1 127.0.0.1/8', '5 10.1.1.1/16', '6 203.0.113.10/24'] },
      ['inside: add address 10.1.1.1/24 on link with index 5 ← delete address 10.1.1.1/24 on link with index 5'],
    ],
    [
      'the address is on another link',
      { ...complete, addresses: ['1 127.0.0.1/8', '6 10.1.1.1/24', '6 203.0.113.10/24'] },
      ['inside: add address 10.1.1.1/24 on link with index 5 ← delete address 10.1.1.1/24 on link with index 5'],
    ],
    [
      'the default route is missing',
      { ...complete, defaultRoute: undefined } as unknown as Given,
      [
        'inside: replace route default via 203.0.113.1 on link with index 6 ← delete route default via 203.0.113.1 on link with index 6',
      ],
    ],
    [
      'the default route is another',
      { ...complete, defaultRoute: { gateway: '203.0.113.254', link: 6 } },
      [
        'inside: replace route default via 203.0.113.1 on link with index 6 ← replace route default via 203.0.113.254 on link with index 6',
      ],
    ],
    [
      'somebody else’s default route with a metric is left alone',
      { ...complete, defaultRoute: { gateway: '203.0.113.254', link: 6, metric: 100 } },
      [
        'inside: replace route default via 203.0.113.1 on link with index 6 ← delete route default via 203.0.113.1 on link with index 6',
      ],
    ],
    [
      'the host route is missing',
      { ...complete, hostRoutes: {} },
      [
        'host: replace route 203.0.113.10/32 on link with index 22 ← delete route 203.0.113.10/32 on link with index 22',
      ],
    ],
    [
      'the host route leads elsewhere',
      { ...complete, hostRoutes: { '203.0.113.10': 99 } },
      [
        'host: replace route 203.0.113.10/32 on link with index 22 ← replace route 203.0.113.10/32 on link with index 99',
      ],
    ],
  ];
  it.each(halfBuilt)('%s', (_, given, steps) => {
    expect(next(links, given)).toEqual(steps);
  });

  it('moves an end that was never moved, after it is out of its bridge and down', () => {
    const halfMoved = { ...complete, inside: [lo, publicInner] };
    const stray = link('vn-100-42', 30, { master: 10, parent: 12 });
    const lonely = { ...end, parent: 30, parentNamespaceId: undefined };
    const given = (changed: Partial<typeof stray>): Given => ({
      ...halfMoved,
      host: [eth1, bridge, port, lonely, { ...stray, ...changed }, publicBridge, publicPort, publicEnd],
    });
    expect(next(links, given({}))).toEqual([
      'host: change link with index 30, master 0 ← change link with index 30, master 10',
      'host: change link with index 30, down ← change link with index 30, up',
    ]);
    expect(next(links, given({ up: false, master: undefined }))).toEqual([
      'host: change link with index 30, to namespace 90 ← inside: change link vn-100-42, to namespace 91',
    ]);
  });

  it('deletes an end that lost its other, and makes the pair in the next round', () => {
    expect(next(links, without('host', 'vh-100-42'))).toEqual(['inside: delete link with index 5']);
    expect(next(links, without('inside', 'vn-100-42'))).toEqual(['host: delete link with index 12']);
    expect(next(links, withLinks('inside', { ...inner, index: 7 }))).toEqual(['host: delete link with index 12']);
  });

  it('refuses an end that leads to another namespace', () => {
    const given = { ...without('inside', 'vn-100-42'), foreign: { 'vh-100-42': 'cs-net-209' } };
    expect(() => next(links, given)).toThrow(
      'link vh-100-42 belongs to namespace cs-net-209; expected it to lead to cs-net-42',
    );
  });

  it('refuses what has the name of our bridge, a port of another bridge, a device that is not there', () => {
    expect(() => next(links, withLinks('host', { ...bridge, kind: 'veth' }))).toThrow('link breth1-100 is no bridge');
    expect(() => next(links, withLinks('host', { ...port, master: 77 }))).toThrow(
      'eth1.100 is a port of another bridge',
    );
    expect(() => next(guestLinks, { host: [bridge] })).toThrow(
      'guest.network.device "eth1": no such device on this host; expected a network device',
    );
  });

  it('uses the device itself as the port of an untagged network', () => {
    const untagged = planCommand(implement({ target: target({ vlan: 'untagged' }) }), domainAfter()).links;
    const inBridge = { ...eth1, master: 10 };
    const wanted = link('breth1-untagged', 10, { kind: 'bridge' });
    expect(next(untagged, { host: [eth1] })).toEqual([
      expect.stringMatching(/^host: add link breth1-untagge?d? \(bridge\)/),
    ]);
    const name = untagged.bridges[0]?.bridge ?? '';
    expect(next(untagged, { host: [{ ...wanted, name }, inBridge] })).toEqual([
      expect.stringMatching(/^host: add link vh-/),
    ]);
  });

  it('makes a bridge once that is the guest side and the public side', () => {
    const shared = { publicVlan: 100 } as const;
    const both = planCommand(implement(), domainAfter(implement(), assign('203.0.113.10', shared))).links;
    expect(next(both, { host: [eth1] })).toEqual([
      'host: add link breth1-100 (bridge), up, {stpState:0,forwardDelay:0} ← delete link breth1-100',
      'host: add link eth1.100 (vlan), up, {id:100} ← delete link eth1.100',
    ]);
  });

  it('keeps a default route that is one of the candidates, when told so', () => {
    const candidates = [
      { gateway: '203.0.113.1', link: 'vpn-200-42' },
      { gateway: '203.0.113.254', link: 'vpn-200-42' },
    ];
    const given: Given = { ...complete, defaultRoute: { gateway: '203.0.113.254', link: 6 } };
    expect(next({ ...noLinks, defaultRoute: { candidates, keep: true } }, given)).toEqual([]);
    expect(next({ ...noLinks, defaultRoute: { candidates, keep: false } }, given)).toHaveLength(1);
    const other: Given = { ...complete, defaultRoute: { gateway: '203.0.113.77', link: 6 } };
    expect(next({ ...noLinks, defaultRoute: { candidates, keep: true } }, other)).toHaveLength(1);
  });

  it('takes the default route away when nothing leads out', () => {
    expect(next({ ...noLinks, defaultRoute: { candidates: [], keep: true } }, complete)).toEqual([
      'inside: delete route default via 203.0.113.1 on link with index 6 ← replace route default via 203.0.113.1 on link with index 6',
    ]);
  });

  it('makes a gateway outside of every range reachable on its link', () => {
    const candidates = [{ gateway: '198.51.100.1', link: 'vpn-200-42' }];
    const round = {
      links: { ...noLinks, defaultRoute: { candidates, keep: false } },
      observed: observed(complete),
      namespaceDescriptor,
      hostDescriptor,
      namespace: 'cs-net-42',
    };
    // RTNH_F_ONLINK
    expect(nextSteps(round).steps[0]?.operation.body).toMatchObject({ gateway: '198.51.100.1', flags: 4 });
  });
});

describe('what several networks share', () => {
  it('is bridges and devices', () => {
    expect(sharedLinks(links)).toEqual(['breth1-100', 'eth1', 'breth1-200']);
  });

  it('is marked on every step that touches it, and may have been made by another in the meantime', () => {
    const round = { links: guestLinks, namespaceDescriptor, hostDescriptor, namespace: 'n' };
    const { steps } = nextSteps({ ...round, observed: observed({ host: [{ ...eth1, up: false }] }) });
    expect(steps.map(({ shared, tolerate }) => [shared, tolerate])).toEqual([
      ['breth1-100', ['EEXIST']],
      ['eth1', undefined],
      ['breth1-100', ['EEXIST']],
    ]);
    const own = nextSteps({ ...round, observed: observed({ host: [eth1, bridge, port] }) }).steps;
    expect(own.map(({ shared, tolerate }) => [shared, tolerate])).toEqual([[undefined, undefined]]);
  });
});

describe('removalSteps', () => {
  it('takes addresses and host routes away, as far as they are there', () => {
    const removed: Links = {
      ...noLinks,
      removedAddresses: [
        { link: 'vpn-200-42', address: '203.0.113.10', prefix: 24 },
        { link: 'vpn-200-42', address: '203.0.113.99', prefix: 24 },
        { link: 'vpn-201-42', address: '203.0.113.10', prefix: 24 },
      ],
      removedHostRoutes: [
        { link: 'vph-200-42', address: '203.0.113.10' },
        { link: 'vph-201-42', address: '203.0.113.10' },
      ],
    };
    expect(lines(removalSteps(removed, observed(complete)))).toEqual([
      'inside: delete address 203.0.113.10/24 on link with index 6 ← add address 203.0.113.10/24 on link with index 6',
      'host: delete route 203.0.113.10/32 on link with index 22 ← replace route 203.0.113.10/32 on link with index 22',
    ]);
  });

  it('brings addresses back in their order', () => {
    const given = {
      ...complete,
      addresses: ['6 203.0.113.10/24', '5 10.1.1.1/24', '6 203.0.113.11/24', '6 203.0.113.12/24'],
    };
    const removed = { ...noLinks, removedAddresses: [{ link: 'vpn-200-42', address: '203.0.113.10', prefix: 24 }] };
    const [step] = removalSteps(removed, observed(given));
    expect(step?.undo?.map(({ verb, subject }) => `${verb} ${subject.replace(' on link with index 6', '')}`)).toEqual([
      'add address 203.0.113.10/24',
      'delete address 203.0.113.11/24',
      'add address 203.0.113.11/24',
      'delete address 203.0.113.12/24',
      'add address 203.0.113.12/24',
    ]);
  });
});
