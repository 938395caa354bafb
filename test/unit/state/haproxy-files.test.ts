import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planCommand } from '../../../src/commands/index.js';
import { formatLoadBalancerRule, readLoadBalancerRule } from '../../../src/model/load-balancer-text.js';
import {
  formatHaproxyConfiguration,
  hasFrontends,
  serversIn,
  withoutServers,
} from '../../../src/state/haproxy-configuration.js';
import { haproxyEdits } from '../../../src/state/haproxy-edits.js';
import { haproxyPlaces } from '../../../src/state/haproxy-places.js';
import { readDomainFiles } from '../../../src/state/read-domain.js';
import { accountOf } from '../../../src/state/service-account.js';
import { applyBalancing, assign, balance, destroy, domainAfter, implement, shutdown } from '../commands/builders.js';
import { commit } from './file-work.js';

const publicIp = '203.0.113.10';
const places = haproxyPlaces('/var/lib/cloudstack/net', '42');
const text = (...rules: Parameters<typeof formatHaproxyConfiguration>[0]) =>
  formatHaproxyConfiguration(rules, places, { uid: 103, gid: 107 });

describe('haproxy.cfg', () => {
  it('has a frontend and a backend for each rule', () => {
    const lines = text(
      balance(publicIp),
      balance(publicIp, { id: '2', publicPort: 81, algorithm: 'source', backends: [] }),
    );
    expect(lines).toContain('    uid 103\n    gid 107\n');
    expect(lines.slice(lines.indexOf('\nfrontend'))).toBe(
      `
frontend cs_lb_1_front
    bind 203.0.113.10:80
    default_backend cs_lb_1_back

backend cs_lb_1_back
    balance roundrobin
    default-server check
    server 10.1.1.10:8080 10.1.1.10:8080 check

frontend cs_lb_2_front
    bind 203.0.113.10:81
    default_backend cs_lb_2_back

backend cs_lb_2_back
    balance source
    hash-type consistent
    default-server check
`,
    );
  });

  it('differs in its servers alone when only guests come and go', () => {
    const one = text(balance(publicIp));
    const other = text(balance(publicIp, { backends: [] }));
    expect(withoutServers(one)).toBe(withoutServers(other));
    expect(serversIn(one)).toEqual(new Map([['cs_lb_1_back', new Map([['10.1.1.10:8080', '10.1.1.10:8080 check']])]]));
    expect(serversIn(other)).toEqual(new Map([['cs_lb_1_back', new Map()]]));
    for (const changed of [
      { protocol: 'tcp-proxy' },
      { algorithm: 'leastconn' },
      { publicPort: 82 },
      { id: '3' },
    ] as const) {
      expect(withoutServers(text(balance(publicIp, { ...changed, backends: [] })))).not.toBe(withoutServers(other));
    }
    expect([hasFrontends(one), hasFrontends(text())]).toEqual([true, false]);
  });

  it('is read by nobody but an account of its own', () => {
    expect(accountOf('no-such-account')).toEqual({ uid: 65534, gid: 65534 });
    expect(accountOf('root')).toEqual({ uid: 65534, gid: 65534 });
    expect(accountOf('daemon')).toEqual({ uid: 1, gid: 1 });
  });
});

describe('files of load balancer rules', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'haproxy-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const read = async () => {
    const { loadBalancers, warnings } = await readDomainFiles(root, { kind: 'network', id: '42' });
    return { loadBalancers, warnings };
  };
  const put = (name: string, content: unknown) => {
    mkdirSync(join(root, 'network-42/haproxy'), { recursive: true });
    writeFileSync(
      join(root, 'network-42/haproxy', name),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
  };

  it('read back as they were written, one for each rule', async () => {
    const rules = [
      balance(publicIp),
      balance(publicIp, { id: '2', publicPort: 81, protocol: 'tcp-proxy', backends: [] }),
    ];
    const domain = domainAfter(implement(), assign(publicIp));
    const edits = haproxyEdits(domain, planCommand(applyBalancing(rules), domain).changes, root);
    await (await commit(root, edits)).settle();
    expect(await read()).toEqual({ loadBalancers: rules, warnings: [] });
    for (const rule of rules)
      expect(readLoadBalancerRule(JSON.parse(formatLoadBalancerRule(rule)), '42')).toEqual(rule);
  });

  it('go with the last rule, with a shutdown, and with the network', () => {
    const domain = domainAfter(implement(), assign(publicIp), applyBalancing([balance(publicIp)]));
    const editsOf = (...commands: Parameters<typeof planCommand>[0][]) =>
      commands.map((command) => haproxyEdits(domain, planCommand(command, domain).changes, root));
    const removed = [{ path: 'network-42/haproxy', removeTree: true }];
    expect(editsOf(applyBalancing([], ['1']), shutdown(), destroy())).toEqual([removed, removed, []]);
  });

  it('of the shell wrapper are understood; what haproxy would not start with is left out', async () => {
    const sent = {
      id: 5,
      name: 'a\nb',
      publicIp,
      publicPort: 80,
      protocol: 'TCP',
      algorithm: 'least_conn',
      revoke: false,
    };
    put('5.json', {
      ...sent,
      backends: [
        { ip: '10.1.1.10', port: 80, revoked: false },
        { ip: 'gone', revoked: true },
      ],
    });
    put('6.json', { ...sent, id: 6, protocol: 'udp', publicPort: 53 });
    put('7.json', { ...sent, id: 7 });
    put('8.json', { ...sent, id: 9, publicPort: 90 });
    put('10.json', { ...sent, id: 10, revoke: true });
    put('11.json', 'nonsense');
    put('haproxy.cfg', 'global\n');
    put('x.json', '{}');
    const { loadBalancers, warnings } = await read();
    expect(loadBalancers).toEqual([
      balance(publicIp, {
        id: '5',
        privatePort: 80,
        algorithm: 'leastconn',
        backends: [{ ip: '10.1.1.10', port: 80 }],
      }),
    ]);
    expect(warnings).toHaveLength(4);
  });
});
