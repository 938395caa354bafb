import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import { nextSteps, type Step } from '../../../src/executor/converge.js';
import { type Observed, observedAfter } from '../../../src/executor/observed.js';
import type { Link } from '../../../src/kernel/route/link.js';
import { assign, domainAfter, implement } from '../commands/builders.js';
import { link, observed } from './observation.js';
import { SimulatedLinks } from './simulated-links.js';

/** What implement-network wants of a network with a public address: two bridges, two pairs. */
const { links } = planCommand(implement(), domainAfter(implement(), assign('203.0.113.10', { sourceNat: true })));
const sides = [
  { bridge: 'breth1-100', port: 'eth1.100', end: 'vh-100-42', inner: 'vn-100-42', first: 10 },
  { bridge: 'breth1-200', port: 'eth1.200', end: 'vph-200-42', inner: 'vpn-200-42', first: 20 },
] as const;

const sideStates = fc.record({
  bridge: fc.constantFrom('missing', 'down', 'up'),
  port: fc.constantFrom('missing', 'bare', 'inside the bridge'),
  isPortUp: fc.boolean(),
  pair: fc.constantFrom('missing', 'whole', 'bare', 'never moved', 'only outside', 'only inside'),
});
type SideState = typeof sideStates extends fc.Arbitrary<infer State> ? State : never;

/** A host on which a network is there in part. */
function hostOf(states: readonly SideState[]): SimulatedLinks {
  const host: Link[] = [link('eth1', 2)];
  const inside: Link[] = [link('lo', 1, { up: false })];
  for (const [place, { bridge, port, end, inner, first }] of sides.entries()) {
    const state = states[place] as SideState;
    const master = state.bridge === 'missing' ? undefined : first;
    if (master !== undefined) host.push(link(bridge, first, { kind: 'bridge', up: state.bridge === 'up' }));
    if (state.port !== 'missing') {
      const inBridge = state.port === 'bare' ? undefined : master;
      host.push(link(port, first + 1, { kind: 'vlan', parent: 2, up: state.isPortUp, master: inBridge }));
    }
    const away = { parent: first + 3, parentNamespaceId: 7 };
    if (state.pair === 'whole') host.push(link(end, first + 2, { ...away, master }));
    if (state.pair === 'bare') host.push(link(end, first + 2, { ...away, up: false }));
    if (state.pair === 'only outside') host.push(link(end, first + 2, { ...away, parent: first + 4 }));
    if (state.pair === 'never moved') {
      host.push(link(end, first + 2, { parent: first + 3 }), link(inner, first + 3, { parent: first + 2, master }));
    }
    if (['whole', 'bare', 'only inside'].includes(state.pair)) inside.push(link(inner, first + 3, { up: false }));
  }
  return new SimulatedLinks(host, inside);
}

/** What is observed of it: indexes and states of links. */
function look(simulated: SimulatedLinks): Observed {
  return observed({ host: simulated.all('host'), inside: simulated.all('inside') });
}

function next(seen: Observed) {
  return nextSteps({ links, observed: seen, namespaceDescriptor: 90, hostDescriptor: 91, namespace: 'cs-net-42' });
}

/** Carries out a round and says what is told of it. */
function carryOut(steps: readonly Step[], simulated: SimulatedLinks) {
  for (const { where, operation } of steps) simulated.apply(where, operation);
  const asked = steps.flatMap(({ makes, changes }) => makes ?? changes ?? []);
  return { asked, found: simulated.named(asked) };
}

/** What matters of links: the rest of one that was not seen is not known. */
function essence({ host, inside }: Observed) {
  const insideLinks = [...inside].map(([name, { index, up }]) => ({ name, index, up }));
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  return { host: [...host.values()].sort(byName), inside: insideLinks.sort(byName) };
}

describe('observedAfter', () => {
  it('is what would be seen, or nothing, whatever a network lacks', () => {
    fc.assert(
      fc.property(fc.tuple(sideStates, sideStates), (states) => {
        const simulated = hostOf(states);
        let seen = look(simulated);
        for (let round = 1; ; round++) {
          const { steps, last } = next(seen);
          if (last) break;
          expect(round).toBeLessThan(8);
          const after = observedAfter(links, seen, carryOut(steps, simulated));
          if (after !== undefined) expect(essence(after)).toEqual(essence(look(simulated)));
          seen = after ?? look(simulated);
        }
        expect(essence(seen)).toEqual(essence(look(simulated)));
        expect([...seen.host.keys()]).toEqual(
          expect.arrayContaining(sides.flatMap(({ end, bridge }) => [end, bridge])),
        );
        expect([...seen.inside.keys()]).toEqual(expect.arrayContaining(sides.map(({ inner }) => inner)));
      }),
      { numRuns: 500 },
    );
  });

  it('tells all rounds of a network that is made', () => {
    const nothing = { bridge: 'missing', port: 'missing', isPortUp: true, pair: 'missing' } as const;
    const simulated = hostOf([nothing, nothing]);
    let seen = look(simulated);
    for (const makes of [
      ['breth1-100', 'eth1.100', 'breth1-200', 'eth1.200'],
      ['vh-100-42', 'vph-200-42'],
    ]) {
      const { steps } = next(seen);
      expect(steps.flatMap((step) => step.makes ?? [])).toEqual(makes);
      const after = observedAfter(links, seen, carryOut(steps, simulated));
      if (after === undefined) throw new Error('it has to be looked at again');
      seen = after;
    }
    expect(next(seen).last).toBe(true);
  });

  it('sees what another command made first', () => {
    const before = observed({ host: [link('eth1', 2)], inside: [link('lo', 1)] });
    const theirs = link('breth1-100', 33, { kind: 'bridge' });
    const after = observedAfter(links, before, { asked: ['breth1-100'], found: new Map([['breth1-100', theirs]]) });
    expect(after?.host.get('breth1-100')).toBe(theirs);
  });

  it('does not know a pair whose other end the kernel does not name', () => {
    const before = observed({ host: [link('eth1', 2)], inside: [link('lo', 1)] });
    const end = link('vh-100-42', 12, { parent: 5 });
    expect(
      observedAfter(links, before, { asked: ['vh-100-42'], found: new Map([['vh-100-42', end]]) }),
    ).toBeUndefined();
  });
});
