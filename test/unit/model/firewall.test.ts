import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFirewall } from '../../../src/model/firewall.js';
import { textOf } from './firewall-rules.js';
import { anySentFirewall, firewallOf } from './sent-rules.js';

const anyFirewall = anySentFirewall(['203.0.113.10', '203.0.113.11'], ['10.1.1.0/24', '10.1.1.7/32']).map(firewallOf);

describe('two sets of rules', () => {
  it('are the same when their texts are', () => {
    fc.assert(
      fc.property(anyFirewall, anyFirewall, (one, other) => {
        expect(one.equals(other)).toBe(textOf(one) === textOf(other));
        expect(parseFirewall(textOf(one))?.equals(one)).toBe(true);
      }),
    );
  });

  it('are not when a line of one says something else', () => {
    const lines = [
      'default-egress allow',
      'ingress 203.0.113.10 tcp 22 from 10.0.0.0/8',
      'egress icmp 8/0 from any to any',
    ];
    const of = (texts: readonly string[]) => parseFirewall(texts.map((line) => `${line}\n`).join(''));
    const others = [
      'default-egress deny',
      'ingress 203.0.113.11 tcp 22 from 10.0.0.0/8',
      'ingress 203.0.113.10 udp 22 from 10.0.0.0/8',
      'ingress 203.0.113.10 tcp 22-23 from 10.0.0.0/8',
      'ingress 203.0.113.10 tcp 21-22 from 10.0.0.0/8',
      'ingress 203.0.113.10 tcp from 10.0.0.0/8',
      'ingress 203.0.113.10 tcp 22 from 10.0.0.0/9',
      'ingress 203.0.113.10 tcp 22 from 10.0.0.0/8,11.0.0.0/8',
      'ingress 203.0.113.10 tcp 22 from 11.0.0.0/8,10.0.0.0/8',
      'ingress 203.0.113.10 tcp 22 from 10.0.0.0/8,2001:db8::/64',
      'ingress 203.0.113.10 tcp 22 from any',
      'ingress 203.0.113.10 tcp 22 from none',
      'egress icmp 8/1 from any to any',
      'egress icmp 8 from any to any',
      'egress icmp 0/0 from any to any',
      'egress icmp 8/0 from none to any',
      'egress icmp 8/0 from any to none',
    ];
    for (const other of others) {
      const changed = lines.map((line) => (line.split(' ')[0] === other.split(' ')[0] ? other : line));
      expect(of(lines)?.equals(of(changed) as NonNullable<ReturnType<typeof of>>), other).toBe(false);
    }
    expect(of(lines)?.equals(of(lines.slice(0, 2)) as NonNullable<ReturnType<typeof of>>)).toBe(false);
  });
});
