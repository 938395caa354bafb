import { describe, expect, it } from 'vitest';
import type { ApplyLoadBalancerRules } from '../../../src/contract/command.js';
import { ContractError } from '../../../src/contract/contract-error.js';
import { decode } from '../../../src/contract/decode.js';
import { injections } from '../model/injections.js';

const program = '/etc/cloudstack/extensions/network-namespace/network-namespace-wrapper.sh';

async function decoded(rules: unknown): Promise<ApplyLoadBalancerRules> {
  const text = typeof rules === 'string' ? rules : JSON.stringify(rules);
  const words = ['apply-lb-rules', '--network-id', '42', '--vlan', '100', '--lb-rules', text];
  const { command } = await decode({ program, arguments: words, environment: {}, directory: '/' });
  return command as ApplyLoadBalancerRules;
}

const sent = {
  id: 17,
  name: 'web "1"',
  publicIp: '203.0.113.10',
  publicPort: 80,
  privatePort: 8080,
  protocol: 'tcp',
  algorithm: 'roundrobin',
  revoke: false,
  backends: [
    { ip: '10.1.1.10', port: 8080, revoked: false },
    { ip: '10.1.1.11', port: 8080, revoked: true },
  ],
};
const read = {
  id: '17',
  networkId: '42',
  publicIp: '203.0.113.10',
  publicPort: 80,
  privatePort: 8080,
  protocol: 'tcp',
  algorithm: 'roundrobin',
  backends: [{ ip: '10.1.1.10', port: 8080 }],
};

describe('apply-lb-rules', () => {
  it('as CloudStack sends it', async () => {
    expect(await decoded([sent, { ...sent, id: 18, revoke: true }])).toMatchObject({
      name: 'apply-lb-rules',
      target: { networkId: '42', vlan: 100 },
      rules: [read],
      revoked: ['18'],
    });
    // Raw control characters inside strings (CONTRACT §12), and what the entry script may append.
    expect((await decoded(`${JSON.stringify([sent]).replace('web ', 'web\t')}}`)).rules).toEqual([read]);
  });

  it('understands other spellings, and what is left out', async () => {
    const { privatePort: _, ...bare } = { ...sent, id: '17', publicPort: '80', protocol: 'TCP', revoke: 'false' };
    expect((await decoded([bare])).rules).toEqual([read]);
    const { rules } = await decoded([{ id: 1, publicIp: '203.0.113.10', publicPort: 443, algorithm: 'LEAST_CONN' }]);
    expect(rules).toMatchObject([{ privatePort: 443, protocol: 'tcp', algorithm: 'leastconn', backends: [] }]);
    const backends = [{ ip: '10.1.1.10' }, { ip: '10.1.1.10', port: '8080' }, { ip: 'x', port: 0, revoked: true }];
    expect((await decoded([{ ...sent, protocol: 'tcp-proxy', backends }])).rules).toEqual([
      { ...read, protocol: 'tcp-proxy' },
    ]);
    // Of two with one id the last counts.
    expect(await decoded([sent, { ...sent, revoke: true }])).toMatchObject({ rules: [], revoked: ['17'] });
    expect(await decoded([{ ...sent, revoke: true }, sent])).toMatchObject({ rules: [read], revoked: [] });
  });

  it('a rule that goes need not be one that could come', async () => {
    for (const changed of [{ protocol: 'udp' }, { publicIp: 'x' }, { backends: 5 }, { algorithm: '\n' }]) {
      expect(await decoded([{ ...sent, ...changed, revoke: true }])).toMatchObject({ rules: [], revoked: ['17'] });
    }
  });

  it.each<[object, RegExp]>([
    [
      { protocol: 'udp' },
      /^apply-lb-rules: rule 17: protocol "udp": expected tcp or tcp-proxy, .*; no rule was changed$/,
    ],
    [{ protocol: 'ssl' }, /rule 17: protocol "ssl"/],
    [{ algorithm: 'random' }, /rule 17: algorithm "random": expected roundrobin, leastconn, source, static-rr/],
    [{ publicIp: '203.0.113.010' }, /rule 17: publicIp "203.0.113.010"/],
    [{ publicIp: '127.0.0.1' }, /rule 17: publicIp/],
    [{ publicPort: 65_536 }, /rule 17: publicPort "65536": expected a port/],
    [{ publicPort: 80.5 }, /rule 17: publicPort: /],
    [{ privatePort: -1 }, /rule 17: privatePort "-1"/],
    [{ backends: [{ ip: 'web', port: 1 }] }, /rule 17: backend "web": expected an IPv4 address/],
    [{ backends: [{ ip: '10.1.1.10', port: '080' }] }, /rule 17: port of backend 10.1.1.10 "080"/],
    [{ backends: [{ port: 80 }] }, /rule 17: backends\.0\.ip/],
    [{ id: '017' }, /rule 2: id "017": expected a decimal id/],
    [{ id: -1 }, /rule 2: id "-1"/],
    [{ id: undefined }, /rule 2: id/],
  ])('%j is refused by name', async (changed, message) => {
    await expect(
      decoded([
        { ...sent, id: 5, publicPort: 81 },
        { ...sent, ...changed },
      ]),
    ).rejects.toThrow(message);
  });

  it('no text becomes another line or field', async () => {
    const places = ['id', 'publicIp', 'publicPort', 'privatePort', 'protocol', 'algorithm'] as const;
    for (const text of [...injections, '80\n', ' 80', '80 transparent', '10.1.1.1 ', 'tcp\n']) {
      for (const place of places) await expect(decoded([{ ...sent, [place]: text }])).rejects.toThrow(ContractError);
      for (const backend of [
        { ip: text, port: 80 },
        { ip: '10.1.1.10', port: text },
      ]) {
        const error: unknown = await decoded([{ ...sent, backends: [backend] }]).catch((one: unknown) => one);
        expect(error).toBeInstanceOf(ContractError);
        expect((error as Error).message).not.toContain('\n');
      }
    }
  });

  it.each(['', 'x', '{}', '5', 'null', '[5]', '[null]', '[[]]'])('%j is no list of rules', async (text) => {
    await expect(decoded(text)).rejects.toThrow(ContractError);
  });
});
