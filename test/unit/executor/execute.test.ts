import { beforeEach, describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import { execute, type Place } from '../../../src/executor/execute.js';
import type { RouteAccess } from '../../../src/executor/kernel.js';
import { Session } from '../../../src/executor/session.js';
import { SharedUse } from '../../../src/executor/shared-use.js';
import type { Operation } from '../../../src/kernel/operation.js';
import { Trace } from '../../../src/trace/trace.js';
import { assign, contents, domainAfter, implement } from '../commands/builders.js';
import { FakeNetfilter, FakeRoute, fakeKernel, kernelError } from './fake-kernel.js';
import { link } from './observation.js';
import { SimulatedLinks } from './simulated-links.js';

const nothing = async () => undefined;

/** A host with an implemented network whose public bridge is there, and its public pair is not. */
async function scene() {
  const links = new SimulatedLinks(
    [
      link('eth1', 2),
      link('breth1-200', 20, { kind: 'bridge' }),
      link('eth1.200', 21, { kind: 'vlan', vlan: 200, parent: 2, master: 20 }),
    ],
    [link('lo', 1)],
  );
  const log: string[] = [];
  /** Settled when the host may answer. */
  const host = { answer: Promise.resolve(), refuses: (_: Operation): boolean => false };
  const access = (where: 'host' | 'inside'): RouteAccess => ({
    ...new FakeRoute().access,
    links: async () => {
      log.push('links inside are listed');
      return links.all(where);
    },
    linksNamed: async (names) => {
      log.push('links on the host are asked for');
      return links.named(names);
    },
    attempt: async ({ operations }) => {
      for (const operation of operations) links.apply(where, operation);
      return [];
    },
    attemptThenLook: async ({ operations }, names) => {
      log.push(...operations.map(({ verb, subject }) => `${where}: ${verb} ${subject}`));
      if (where === 'host') await host.answer;
      const refused = operations.findIndex((operation) => where === 'host' && host.refuses(operation));
      if (refused !== -1) return { failures: [kernelError('ENOMEM', 12, refused)], links: links.named(names) };
      for (const operation of operations) links.apply(where, operation);
      return { failures: [], links: links.named(names) };
    },
  });
  const netfilter = new FakeNetfilter();
  const inside = access('inside');
  const kernel = fakeKernel({ openRoute: async () => inside, openNetfilter: async () => netfilter.access });
  const session = await Session.open('cs-net-42', kernel);
  const domain = domainAfter(implement());
  domain.present = true;
  await session.change(domain, []);
  netfilter.transactions.length = 0;
  const commit = { changed: 1, undo: nothing, tidy: nothing, flush: nothing, settle: nothing };
  const place = {
    kernel,
    host: access('host'),
    hostDescriptor: 3,
    sharedUse: new SharedUse(),
    services: { restorer: () => nothing, check: nothing, stopUnwanted: nothing, converge: nothing },
    report: () => undefined,
    domain,
    state: { root: '/', prepare: async () => ({ publish: async () => commit, discard: nothing }) },
    session,
    hasSysctls: true,
    trace: new Trace(),
    limits: [],
  } as unknown as Place;
  return { place, host, log, netfilter, links, kernel };
}

describe('execute', () => {
  let current: Awaited<ReturnType<typeof scene>>;
  beforeEach(async () => {
    current = await scene();
  });
  const plan = () => planCommand(assign('203.0.113.10', { sourceNat: true }), current.place.domain);

  it('looks once, and learns from the answer what it has made', async () => {
    await execute(plan(), current.place);
    expect(current.log).toEqual([
      'links on the host are asked for',
      'links inside are listed',
      'host: add link vph-200-42 (veth)',
      // Their indexes, as nobody has told but the answer.
      'host: replace route 203.0.113.10/32 on link with index 100',
      'inside: change link with index 101',
      'inside: add address 203.0.113.10/24 on link with index 101',
      'inside: replace route default via 203.0.113.1 on link with index 101',
    ]);
  });

  it('changes the rules while links are being made', async () => {
    let answer = () => {};
    current.host.answer = new Promise((resolve) => {
      answer = resolve;
    });
    const done = execute(plan(), current.place);
    await expect.poll(() => current.netfilter.transactions.length).toBe(1);
    expect(current.links.named(['vph-200-42']).size).toBe(0);
    answer();
    await done;
    expect(current.links.named(['vph-200-42']).size).toBe(1);
  });

  it('takes the rules back when a link cannot be made', async () => {
    const { place, host, netfilter, links } = current;
    const before = { rules: netfilter.ruleset.lines(), domain: contents(place.domain), links: links.all('host') };
    host.refuses = ({ verb, subject }) => verb === 'add' && subject.startsWith('link vph');
    await expect(execute(plan(), place)).rejects.toThrow('ENOMEM');
    expect({ rules: netfilter.ruleset.lines(), domain: contents(place.domain), links: links.all('host') }).toEqual(
      before,
    );
  });

  it('takes the links back when the rules are refused', async () => {
    const { place, netfilter, links } = current;
    netfilter.next = { error: kernelError('ENOBUFS'), done: false };
    await expect(execute(plan(), place)).rejects.toThrow('ENOBUFS');
    expect(links.named(['vph-200-42']).size).toBe(0);
    expect(links.all('inside').map(({ name }) => name)).toEqual(['lo']);
  });

  it('turns IPv6 off on what it has made, when all links are there, also when the rules are refused', async () => {
    for (const error of [undefined, kernelError('ENOBUFS')]) {
      const { place, netfilter, log, kernel } = await scene();
      if (error !== undefined) netfilter.next = { error, done: false };
      kernel.writeSysctls = async (namespace, sysctls) => {
        log.push(...sysctls.map(({ name, value }) => `${namespace ?? 'host'}: ${name} = ${value}`));
        return [];
      };
      const outcome = execute(planCommand(assign('203.0.113.10', { sourceNat: true }), place.domain), place);
      if (error === undefined) await outcome;
      else await expect(outcome).rejects.toThrow('ENOBUFS');
      expect(log.at(7)).toBe('host: net/ipv6/conf/vph-200-42/disable_ipv6 = 1');
    }
  });

  it('begins nothing when it is known that links cannot be made', async () => {
    const { place, netfilter } = current;
    const wanted = plan();
    const [bridge] = wanted.links.bridges;
    const bridges = bridge === undefined ? [] : [{ ...bridge, device: 'eth9', port: 'eth9.200' }];
    await expect(execute({ ...wanted, links: { ...wanted.links, bridges } }, place)).rejects.toThrow('no such device');
    expect(netfilter.transactions).toEqual([]);
  });
});
