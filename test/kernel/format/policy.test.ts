import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { linesText } from '../../../src/executor/answer.js';
import { listRoutes, listRules } from '../../../src/executor/policy-routing.js';
import { addRouteSteps, addRuleSteps, deleteRouteSteps, deleteRuleSteps } from '../../../src/executor/policy-steps.js';
import { RouteTransaction } from '../../../src/kernel/route/transaction.js';
import type { RouteSpecification, RuleSpecification } from '../../../src/model/policy-routing.js';
import { parseRoute } from '../../../src/model/route-grammar.js';
import { parseRule } from '../../../src/model/rule-grammar.js';
import { TableNames } from '../../../src/model/table-names.js';
import { Scene } from '../scene.js';

/** No names but the reserved ones: what `ip` knows without files. */
const names = new TableNames([]);

/** A namespace with a link `veth0` that is up and has an address; its other end is `veth1`. */
async function sceneWithLink(): Promise<Scene> {
  const scene = await Scene.open();
  scene.ip('link set lo up');
  scene.ip('link add veth0 type veth peer name veth1');
  scene.ip('link set veth1 up');
  scene.ip('link set veth0 up');
  scene.ip('addr add 192.0.2.1/24 dev veth0');
  return scene;
}

/** What `ip` prints, byte for byte. */
function ip({ name }: Scene, ...words: string[]): string {
  return execFileSync('ip', ['-n', name, ...words], { encoding: 'utf8' });
}

const linksOf = async ({ route }: Scene) => new Map((await route.links()).map((link) => [link.name, link.index]));

async function addRoute(scene: Scene, text: string, table = 100): Promise<void> {
  const { steps } = addRouteSteps(
    { table, route: parseRoute(text) as RouteSpecification },
    await scene.route.routes({ family: 'inet' }),
    await linksOf(scene),
  );
  await scene.route.run(RouteTransaction.of(steps.map(({ operation }) => operation)));
}

async function deleteRoute(scene: Scene, text: string, table = 100): Promise<void> {
  const routes = await scene.route.routes({ family: 'inet', table });
  const { steps } = deleteRouteSteps(
    { table, route: parseRoute(text) as RouteSpecification },
    routes,
    await linksOf(scene),
  );
  await scene.route.run(RouteTransaction.of(steps.map(({ operation }) => operation)));
}

async function changeRule(scene: Scene, plan: typeof addRuleSteps, text: string, table = 100): Promise<void> {
  const { steps } = plan({ table, rule: parseRule(text) as RuleSpecification }, await scene.route.rules('inet'));
  await scene.route.run(RouteTransaction.of(steps.map(({ operation }) => operation)));
}

const routes = [
  'default via 192.0.2.254',
  'default via 192.0.2.254 metric 77',
  'blackhole 198.51.100.0/24',
  'unreachable 10.99.0.0/16',
  'prohibit 10.98.0.0/16 metric 5',
  '10.0.0.0/8 dev veth0',
  '10.0.0.1 via 203.0.113.1 dev veth0 onlink',
  '10.0.0.2/32 dev veth0 proto kernel scope host',
  '10.0.0.3 dev veth0 scope site',
  '10.0.0.4 dev veth0 proto 77 metric 0xff',
  '10.0.0.5 via 192.0.2.9 src 192.0.2.1 proto static mtu 1400',
  '10.0.0.6 dev lo scope link proto boot',
  'unicast 10.0.0.7 dev veth0 proto 16',
  '10.0.0.8 dev veth0 proto 0',
  '10.0.0.9 dev veth0 proto 9',
  '0.0.0.0/0 dev veth0 metric 9',
];

const routesText = async (...about: Parameters<typeof listRoutes>) => linesText(await listRoutes(...about));
const rulesText = async (...about: Parameters<typeof listRules>) => linesText(await listRules(...about));

describe('a route', () => {
  it.each(routes)('%s: the same as ip makes of it, shown as ip shows it, and deleted', async (text) => {
    const [ours, theirs] = [await sceneWithLink(), await sceneWithLink()];
    await addRoute(ours, text);
    theirs.ip(`route replace ${text} table 100`);
    const shown = ip(theirs, 'route', 'show', 'table', '100');
    expect(shown).not.toBe('');
    expect(ip(ours, 'route', 'show', 'table', '100')).toBe(shown);
    expect(await routesText(ours.route, names, 100)).toBe(shown);
    expect(await routesText(theirs.route, names, undefined)).toBe(ip(theirs, '-4', 'route', 'show', 'table', 'all'));
    // Again, in place of itself.
    await addRoute(ours, text);
    expect(ip(ours, 'route', 'show', 'table', '100')).toBe(shown);
    await deleteRoute(ours, text);
    expect(await routesText(ours.route, names, 100)).toBe('');
    await deleteRoute(ours, text);
  });

  it('of every kind together, without a carrier, and in high tables', async () => {
    const scene = await sceneWithLink();
    for (const table of [100, 4294967295, 254]) {
      for (const text of routes) if (table !== 254 || !text.startsWith('0')) await addRoute(scene, text, table);
    }
    scene.ip('link set veth1 down');
    for (const table of ['100', '4294967295', 'main', 'local', 'default']) {
      expect(
        await routesText(scene.route, names, names.idOf(/^\d/.test(table) ? { id: Number(table) } : { name: table })),
      ).toBe(
        execFileSync('sh', ['-c', `ip -4 -n ${scene.name} route show table ${table} 2>/dev/null || true`], {
          encoding: 'utf8',
        }),
      );
    }
    const all = ip(scene, '-4', 'route', 'show', 'table', 'all');
    expect(all).toContain('linkdown');
    expect(await routesText(scene.route, names, undefined)).toBe(all);
  });

  it.each([
    ['default via 203.0.113.1', /Nexthop has invalid gateway/],
    ['10.0.0.1/8 dev veth0', /Invalid prefix for given prefix length/],
    ['default dev veth0 src 10.9.9.9', /Invalid prefsrc address/],
    ['blackhole 10.0.0.0/8 dev veth0', /./],
    ['10.0.0.0/8', /ENODEV|No such device/],
  ])('%s is refused with the words of the kernel', async (text, words) => {
    const scene = await sceneWithLink();
    await expect(addRoute(scene, text)).rejects.toThrow(words);
    expect(await routesText(scene.route, names, 100)).toBe('');
  });

  it('put in the place of another is undone to that other', async () => {
    const scene = await sceneWithLink();
    scene.ip('route add default via 192.0.2.254 proto static mtu 1400 table 100');
    const before = ip(scene, 'route', 'show', 'table', '100');
    const known = await scene.route.routes({ family: 'inet', table: 100 });
    const { steps } = addRouteSteps(
      { table: 100, route: { type: 'blackhole', destination: 'default' } },
      known,
      new Map(),
    );
    await scene.route.run(RouteTransaction.of(steps.map(({ operation }) => operation)));
    expect(ip(scene, 'route', 'show', 'table', '100')).toBe('blackhole default \n');
    await scene.route.run(RouteTransaction.of(steps.flatMap(({ undo = [] }) => undo)));
    expect(ip(scene, 'route', 'show', 'table', '100')).toBe(before);
  });
});

const rules = [
  'from 10.1.40.0/25 priority 1000',
  'to 198.51.100.0/24',
  'to 198.51.100.7',
  'from all to 198.51.100.0/24 pref 5',
  'not from 10.1.40.0/24 to 192.0.2.0/24 ipproto tcp dport 443 pref 1100',
  'fwmark 0x10/0xff priority 900',
  'fwmark 5',
  'fwmark 0/0x80',
  'iif veth0',
  'oif nowhere',
  'iif gone oif veth0 priority 7',
  'ipproto udp sport 5000-5010',
  'ipproto 77',
  'ipproto 132 dport 7',
  'ipproto gre',
  'dport 53 order 9',
  'from all',
];

describe('a rule', () => {
  it.each(rules)('%s: the same as ip makes of it, shown as ip shows it, once, and deleted', async (text) => {
    const [ours, theirs] = [await sceneWithLink(), await sceneWithLink()];
    const before = ip(ours, 'rule', 'show');
    await changeRule(ours, addRuleSteps, text);
    theirs.ip(`rule add ${text} table 100`);
    const shown = ip(theirs, 'rule', 'show');
    expect(shown).not.toBe(before);
    expect(ip(ours, 'rule', 'show')).toBe(shown);
    expect(await rulesText(ours.route, names, undefined)).toBe(shown);
    expect(await rulesText(ours.route, names, 100)).toBe(
      shown
        .split('\n')
        .filter((line) => line.includes('lookup 100'))
        .map((line) => `${line}\n`)
        .join(''),
    );
    await changeRule(ours, addRuleSteps, text);
    expect(ip(ours, 'rule', 'show')).toBe(shown);
    await changeRule(ours, deleteRuleSteps, text);
    expect(ip(ours, 'rule', 'show')).toBe(before);
    // That ip has made it does not matter.
    await changeRule(theirs, addRuleSteps, text);
    expect(ip(theirs, 'rule', 'show')).toBe(shown);
    await changeRule(theirs, deleteRuleSteps, text);
    expect(ip(theirs, 'rule', 'show')).toBe(before);
  });

  it('gets the priority that the kernel chooses, whatever is there', async () => {
    const [ours, theirs] = [await Scene.open(), await Scene.open()];
    const both = async (text: string, table: number) => {
      await changeRule(ours, addRuleSteps, text, table);
      theirs.ip(`rule add ${text} table ${table}`);
      expect(ip(ours, 'rule', 'show')).toBe(ip(theirs, 'rule', 'show'));
    };
    await both('to 10.0.0.1', 1);
    await both('to 10.0.0.2', 1);
    await both('to 10.0.0.3 priority 2', 1);
    await both('to 10.0.0.4', 1);
    await both('to 10.0.0.5', 1);
    await both('to 10.0.0.6', 1);
  });

  it('of the same priority as one with more to it is the one that goes', async () => {
    const scene = await Scene.open();
    const special = '5:\tfrom 10.0.0.0/8 to 10.0.0.0/8 lookup 100\n';
    scene.ip('rule add from 10.0.0.0/8 to 10.0.0.0/8 priority 5 table 100');
    // The kernel takes it for the same, ip is refused: File exists.
    await changeRule(scene, addRuleSteps, 'to 10.0.0.0/8 priority 5');
    expect(await rulesText(scene.route, names, 100)).toBe(`${special}5:\tfrom all to 10.0.0.0/8 lookup 100\n`);
    await changeRule(scene, deleteRuleSteps, 'to 10.0.0.0/8');
    expect(await rulesText(scene.route, names, 100)).toBe(special);
  });

  it('that leads nowhere, made by others, is shown as ip shows it', async () => {
    const scene = await Scene.open();
    for (const action of ['blackhole', 'unreachable', 'prohibit']) scene.ip(`rule add from 10.0.0.0/8 ${action}`);
    expect(await rulesText(scene.route, names, undefined)).toBe(ip(scene, 'rule', 'show'));
  });
});
