/** apply-fw-rules and apply-network-acl: what is understood, and what is refused with the rule's name. */

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApplyFirewallRules, ApplyNetworkAcl, Command } from '../../../src/contract/command.js';
import { ContractError } from '../../../src/contract/contract-error.js';
import { decode } from '../../../src/contract/decode.js';
import { parseAcl } from '../../../src/model/acl.js';
import { parseFirewall } from '../../../src/model/firewall.js';
import { textOf } from '../model/firewall-rules.js';
import { aclOf, anySentAcl, anySentFirewall, firewallOf } from '../model/sent-rules.js';

const program = '/etc/cloudstack/extensions/network-namespace/network-namespace-wrapper.sh';
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rule-sets-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

async function command(name: string, ...options: string[]): Promise<Command> {
  const call = [name, '--network-id', '5', ...options];
  return (await decode({ program, arguments: call, environment: {}, directory })).command;
}

async function failure(name: string, ...options: string[]): Promise<string> {
  const error = await command(name, ...options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ContractError);
  const { message } = error as ContractError;
  expect(message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  expect(message.length).toBeLessThan(300);
  return message;
}

const firewall = async (value: unknown) =>
  ((await command('apply-fw-rules', '--fw-rules', encoded(value))) as ApplyFirewallRules).firewall;
const acl = async (value: unknown) =>
  ((await command('apply-network-acl', '--vpc-id', '9', '--acl-rules', encoded(value))) as ApplyNetworkAcl).acl;

const web = { id: 7, type: 'ingress', protocol: 'tcp', portStart: 80, portEnd: 80, publicIp: '203.0.113.7' };
const out = { id: 8, type: 'egress', protocol: 'all', sourceCidrs: [], destCidrs: [] };
const first = { number: 10, action: 'allow', trafficType: 'ingress', protocol: 'tcp', portStart: 22, portEnd: 22 };

/** One rule as the state file says it. */
const ruleText = async (rule: object) => textOf(await firewall({ rules: [{ ...web, ...rule }] })).split('\n')[1];
const aclText = async (rule: object) => (await acl([{ ...first, ...rule }])).text.trimEnd();

describe('a firewall', () => {
  it('is what was sent', async () => {
    const sent = {
      default_egress_allow: true,
      cidr: '10.1.1.0/24',
      rules: [
        { ...web, sourceCidrs: ['198.51.100.0/24', '192.0.2.7'], destCidrs: [] },
        { ...out, protocol: 'udp', portStart: 53, portEnd: 60, sourceCidrs: ['10.1.1.0/24'], destCidrs: ['0.0.0.0/0'] },
      ],
    };
    expect(await firewall(sent)).toEqual(firewallOf(sent));
    expect(textOf(await firewall(sent))).toBe(
      [
        'default-egress allow',
        'ingress 203.0.113.7 tcp 80 from 198.51.100.0/24,192.0.2.7/32',
        'egress udp 53-60 from 10.1.1.0/24 to 0.0.0.0/0',
        '',
      ].join('\n'),
    );
  });

  it.each([
    [{}, 'deny'],
    [{ rules: [] }, 'deny'],
    [{ default_egress_allow: false }, 'deny'],
    [{ default_egress_allow: true }, 'allow'],
    [{ default_egress_allow: 'true' }, 'allow'],
    [{ default_egress_allow: 'false', cidr: '', later: 1 }, 'deny'],
  ])('may lack everything: %j', async (sent, policy) => {
    expect(textOf(await firewall(sent))).toBe(`default-egress ${policy}\n`);
  });

  it.each([
    [{}, 'tcp 80 from any'],
    [{ sourceCidrs: null, destCidrs: null, id: null }, 'tcp 80 from any'],
    [{ sourceCidrs: [] }, 'tcp 80 from any'],
    [{ sourceCidrs: ['0.0.0.0/0'] }, 'tcp 80 from 0.0.0.0/0'],
    [{ sourceCidrs: ['198.51.100.77/24', '198.51.100.0/24'] }, 'tcp 80 from 198.51.100.0/24'],
    [{ sourceCidrs: ['::/0'] }, 'tcp 80 from ::/0'],
    [{ sourceCidrs: ['::/0', '192.0.2.1/32'] }, 'tcp 80 from 192.0.2.1/32,::/0'],
    [{ type: 'INGRESS', id: 'abc', unknown: [] }, 'tcp 80 from any'],
    [{ protocol: 'TCP' }, 'tcp 80 from any'],
    [{ protocol: '6' }, 'tcp 80 from any'],
    [{ protocol: '132', portEnd: 90 }, 'sctp 80-90 from any'],
    [{ portEnd: null }, 'tcp 80 from any'],
    [{ portStart: -1 }, 'tcp 80 from any'],
    [{ portStart: -1, portEnd: -1 }, 'tcp from any'],
    [{ portStart: null, portEnd: null }, 'tcp from any'],
    [{ portStart: 1, portEnd: 65535 }, 'tcp from any'],
    [{ portStart: 0, portEnd: 65535 }, 'tcp from any'],
    [{ portStart: 0, portEnd: 9 }, 'tcp 1-9 from any'],
    [{ portStart: 65535, portEnd: 65535 }, 'tcp 65535 from any'],
    [{ protocol: 'icmp', portStart: null, portEnd: null }, 'icmp from any'],
    [{ protocol: 'Icmp', icmpType: -1, icmpCode: -1 }, 'icmp from any'],
    [{ protocol: 'icmp', icmpType: -1, icmpCode: 0 }, 'icmp from any'],
    [{ protocol: 'icmp', icmpCode: 3 }, 'icmp from any'],
    [{ protocol: '1', icmpType: 8, icmpCode: -1 }, 'icmp 8 from any'],
    [{ protocol: 'icmp', icmpType: 3, icmpCode: 0 }, 'icmp 3/0 from any'],
    [{ protocol: 'icmp', icmpType: 255, icmpCode: 255 }, 'icmp 255/255 from any'],
    [{ protocol: 'gre', portStart: null, portEnd: -1 }, 'gre from any'],
    [{ protocol: '47', portStart: -1, portEnd: null }, 'gre from any'],
    [{ protocol: '254', portStart: -1, portEnd: -1 }, '254 from any'],
    [{ protocol: 'all', portStart: -1, portEnd: -1 }, 'all from any'],
    [{ protocol: '0', portStart: null, portEnd: null }, 'all from any'],
  ])('understands %j', async (rule, text) => {
    expect(await ruleText(rule)).toBe(`ingress 203.0.113.7 ${text}`);
  });

  it.each([
    [{ portStart: 65536 }, 'portStart 65536: expected a port from 1 to 65535'],
    [{ portStart: -2, portEnd: 80 }, 'portStart -2: expected a port from 1 to 65535'],
    [{ portEnd: 70000 }, 'portEnd 70000: expected a port from 80 to 65535'],
    [{ portEnd: 79 }, 'portEnd 79: expected a port from 80 to 65535'],
    [{ portStart: 0, portEnd: 0 }, 'portEnd 0: expected a port from 1 to 65535'],
    [{ portStart: 80.5 }, 'portStart: '],
    [{ portStart: '80' }, 'portStart: '],
    [{ protocol: 'gre' }, 'portStart 80: expected none, protocol gre has no ports'],
    [{ protocol: 'all' }, 'portStart 80: expected none, protocol all has no ports'],
    [{ protocol: 'tcpp' }, 'protocol "tcpp": expected a protocol\'s name, its number, or all'],
    [{ protocol: '256' }, 'protocol "256": expected'],
    [{ protocol: '-1' }, 'protocol "-1": expected'],
    [{ protocol: '06' }, 'protocol "06": expected'],
    [{ protocol: '' }, 'protocol "": expected'],
    [{ protocol: 'constructor' }, 'protocol "constructor": expected'],
    [{ protocol: undefined }, 'protocol: '],
    [{ protocol: 6 }, 'protocol: '],
    [{ protocol: 'icmp', icmpType: 256 }, 'icmpType 256: expected 0 to 255, or -1 for any'],
    [{ protocol: 'icmp', icmpType: -2 }, 'icmpType -2: expected 0 to 255, or -1 for any'],
    [{ protocol: 'icmp', icmpType: 8, icmpCode: 256 }, 'icmpCode 256: expected 0 to 255, or -1 for any'],
    [{ sourceCidrs: ['198.51.100.0/33'] }, 'sourceCidrs "198.51.100.0/33": expected a network such as'],
    [{ sourceCidrs: ['192.0.2.0/24', '10.1.1'] }, 'sourceCidrs "10.1.1": expected a network'],
    [{ sourceCidrs: [''] }, 'sourceCidrs "": expected a network'],
    [{ sourceCidrs: ['192.0.2.0/24/24'] }, 'sourceCidrs "192.0.2.0/24/24": expected a network'],
    [{ sourceCidrs: ['::/129'] }, 'sourceCidrs "::/129": expected a network'],
    [{ sourceCidrs: ['2001:db8::/x'] }, 'sourceCidrs "2001:db8::/x": expected a network'],
    [{ sourceCidrs: ['any'] }, 'sourceCidrs "any": expected a network'],
    [{ sourceCidrs: ['192.0.2.1,192.0.2.2'] }, 'sourceCidrs "192.0.2.1,192.0.2.2": expected a network'],
    [{ sourceCidrs: '192.0.2.0/24' }, 'sourceCidrs: '],
    [{ sourceCidrs: [7] }, 'sourceCidrs: expected a list of texts'],
    [{ publicIp: undefined }, 'publicIp "": expected an IPv4 address'],
    [{ publicIp: null }, 'publicIp "": expected an IPv4 address'],
    [{ publicIp: '203.0.113.7/32' }, 'publicIp "203.0.113.7/32": expected an IPv4 address'],
    [{ publicIp: '203.0.113.07' }, 'publicIp "203.0.113.07": expected an IPv4 address'],
    [{ publicIp: '2001:db8::1' }, 'publicIp "2001:db8::1": expected an IPv4 address'],
    [{ type: 'inbound' }, 'type "inbound": expected ingress or egress'],
    [{ type: undefined }, 'type: '],
    [{ type: 'egress', destCidrs: ['nowhere'] }, 'destCidrs "nowhere": expected a network'],
  ])('is refused as a whole for %j', async (rule, reason) => {
    const message = await failure('apply-fw-rules', '--fw-rules', encoded({ rules: [out, { ...web, ...rule }] }));
    expect(message).toContain(`apply-fw-rules: rule 7: ${reason}`);
    expect(message).toMatch(/; no rule was changed$/);
  });

  it('names a rule by its id, else by its place', async () => {
    const bad = (rule: unknown) => failure('apply-fw-rules', '--fw-rules', encoded({ rules: [web, rule] }));
    expect(await bad({ ...out, id: 'f3b1c9d0-1', protocol: '?' })).toContain('apply-fw-rules: rule f3b1c9d0-1: ');
    expect(await bad({ ...out, id: undefined, protocol: '?' })).toContain('apply-fw-rules: rule 2: ');
    expect(await bad({ ...out, id: { a: 1 }, protocol: '?' })).toContain('apply-fw-rules: rule 2: protocol');
    for (const nothing of [null, 5, 'x', []])
      expect(await bad(nothing)).toContain('apply-fw-rules: rule 2: the rule: ');
    // What names a rule must not end the line, nor fill it.
    expect(await bad({ ...out, id: 'a\nb', protocol: '?' })).toContain('rule "a\\nb": ');
    expect((await bad({ ...out, id: 'x'.repeat(9000), protocol: '?' })).length).toBeLessThan(300);
  });

  it.each([[[]], ['x'], [null], [5], [{ rules: {} }], [{ rules: 'x' }], [{ default_egress_allow: 'maybe' }]])(
    'is no %j',
    async (sent) => {
      expect(await failure('apply-fw-rules', '--fw-rules', encoded(sent))).toMatch(/^apply-fw-rules: --fw-rules: /);
    },
  );
});

describe('an access control list', () => {
  it('is what was sent, in the order of the numbers', async () => {
    const sent = [
      { ...first, number: 20, action: 'DENY', trafficType: 'Egress', sourceCidrs: ['192.0.2.0/24'] },
      { ...first, id: 'x', destCidrs: ['10.0.0.0/8'] },
      { ...first, number: 20, protocol: '17' },
      { ...first, number: -3, protocol: 'all', portStart: null, portEnd: null },
    ];
    expect(await acl(sent)).toEqual(aclOf(sent));
    expect((await acl(sent)).text).toBe(
      [
        '-3 allow ingress all from any',
        '10 allow ingress tcp 22 from any',
        '20 deny egress tcp 22 to 192.0.2.0/24',
        '20 allow ingress udp 22 from any',
        '',
      ].join('\n'),
    );
    expect((await acl([])).text).toBe('');
  });

  it.each([
    [{ protocol: '6' }, '10 allow ingress tcp 22 from any'],
    [{ protocol: '6', portStart: 1000, portEnd: 2000 }, '10 allow ingress tcp 1000-2000 from any'],
    [{ action: 'Deny', trafficType: 'EGRESS', sourceCidrs: ['::/0'] }, '10 deny egress tcp 22 to ::/0'],
    [{ protocol: '1', portStart: null, icmpType: 0, icmpCode: -1 }, '10 allow ingress icmp 0 from any'],
    [{ number: 2147483647 }, '2147483647 allow ingress tcp 22 from any'],
  ])('understands %j', async (rule, text) => {
    expect(await aclText(rule)).toBe(text);
  });

  it.each([
    [{ action: 'permit' }, 'action "permit": expected allow or deny'],
    [{ action: undefined }, 'action: '],
    [{ trafficType: 'both' }, 'trafficType "both": expected ingress or egress'],
    [{ portStart: 70000 }, 'portStart 70000: expected a port'],
    [{ protocol: 'gre' }, 'portStart 22: expected none, protocol gre has no ports'],
    [{ protocol: 'icmp', icmpType: 999 }, 'icmpType 999: '],
    [{ sourceCidrs: ['10.0.0.0/40'] }, 'sourceCidrs "10.0.0.0/40": expected a network'],
  ])('is refused as a whole for %j', async (rule, reason) => {
    const message = await failure('apply-network-acl', '--acl-rules', encoded([{ ...first, ...rule }]));
    expect(message).toContain(`apply-network-acl: rule 10: ${reason}`);
    expect(message).toMatch(/; no rule was changed$/);
  });

  it('names a rule by its number, else by its place', async () => {
    const bad = (rule: unknown) => failure('apply-network-acl', '--acl-rules', encoded([first, rule]));
    for (const number of [undefined, null, '10', 1.5]) {
      expect(await bad({ ...first, number })).toMatch(/^apply-network-acl: rule (?:2|1\.5): number: /);
    }
    expect(await bad(null)).toContain('rule 2: the rule: ');
    expect(await bad('x')).toContain('rule 2: the rule: ');
  });

  it.each([[{}], ['x'], [null], [{ rules: [] }]])('is no %j', async (sent) => {
    expect(await failure('apply-network-acl', '--acl-rules', encoded(sent))).toBe(
      'apply-network-acl: --acl-rules: expected a list of rules',
    );
  });
});

describe.each([
  { name: 'apply-fw-rules', inline: '--fw-rules', file: '--fw-rules-file', value: { rules: [web] } },
  { name: 'apply-network-acl', inline: '--acl-rules', file: '--acl-rules-file', value: [first] },
])('the value of $name', ({ name, inline, file, value }) => {
  const write = (text: string, path = 'rules') => {
    writeFileSync(join(directory, path), text);
    return path;
  };
  const target = { networkId: '5', vlan: undefined };

  it('comes in a file: absolute, or from the caller’s directory', async () => {
    const expected = await command(name, inline, encoded(value));
    const path = write(encoded(value));
    expect(await command(name, file, path)).toEqual(expected);
    expect(await command(name, file, `./${path}`)).toEqual(expected);
    expect(await command(name, file, join(directory, path))).toEqual(expected);
    expect(expected.target).toMatchObject(target);
  });

  it('is read from the file when there are both', async () => {
    expect(await command(name, inline, '!', file, write(encoded(value)))).toEqual(
      await command(name, inline, encoded(value)),
    );
  });

  it('may have white space in its base64, and no padding', async () => {
    const expected = await command(name, inline, encoded(value));
    // Of each remainder by three, so that there are 0, 1 and 2 characters of padding.
    for (const more of ['', ' ', '  ']) {
      const text = Buffer.from(`${JSON.stringify(value)}${more}`).toString('base64');
      const lines = text.replace(/.{20}/g, '$&\n');
      for (const spelled of [text, `${text}\n`, lines, ` \t${lines}\r\n`, text.replace(/=+$/, '')]) {
        expect(await command(name, inline, spelled)).toEqual(expected);
        expect(await command(name, file, write(spelled))).toEqual(expected);
      }
    }
  });

  it('is missing when neither is there', async () => {
    const missing = `${name}: ${file} or ${inline} is missing`;
    expect(await failure(name)).toBe(missing);
    expect(await failure(name, inline, '')).toBe(missing);
    expect(await failure(name, inline, '', file, '')).toBe(missing);
  });

  it('must be in a file that can be read', async () => {
    const about = async (path: string) => failure(name, inline, encoded(value), file, path);
    expect(await about('nothing')).toMatch(
      new RegExp(`^${name}: ${file} ".*/nothing": could not be read \\(ENOENT\\)`),
    );
    mkdirSync(join(directory, 'folder'), { recursive: true });
    expect(await about('folder')).toContain('is no regular file');
    expect(await about('rules/x')).toContain('could not be read (ENOTDIR)');
    expect(await about('a\0b')).toContain('expected the name of a file');
  });

  it.runIf(process.getuid?.() !== 0)('must be in a file that we may read', async () => {
    const path = write(encoded(value), 'secret');
    chmodSync(join(directory, path), 0);
    expect(await failure(name, file, path)).toContain('could not be read (EACCES)');
  });

  it.each(['!', '****', 'abcde', 'a', 'YQ==YQ==', JSON.stringify(value)])(
    'is refused when it is no base64: %s',
    async (text) => {
      expect(await failure(name, inline, text)).toBe(`${name}: ${inline}: expected base64 of JSON`);
    },
  );

  it.each(['{', '', 'rules', '{"rules":', "{'rules':[]}"])('is refused when it is no JSON: %s', async (text) => {
    const spelled = Buffer.from(text === '' ? ' ' : text).toString('base64');
    expect(await failure(name, inline, spelled)).toContain(`${name}: ${inline}: expected JSON in the base64, found "`);
  });
});

describe('any rules', { timeout: 60_000 }, () => {
  const publicIps = ['203.0.113.10', '203.0.113.11'];
  const anyFirewall = anySentFirewall(publicIps, ['10.1.1.0/24', '10.1.1.10/32']);

  it('are what was sent, and read back from what the state file holds', async () => {
    await fc.assert(
      fc.asyncProperty(anyFirewall, async (sent) => {
        const decoded = await firewall(sent);
        expect(decoded).toEqual(firewallOf(sent));
        const text = textOf(decoded);
        const again = parseFirewall(text);
        expect(again).toEqual(decoded);
        expect(again === undefined ? undefined : textOf(again)).toBe(text);
      }),
    );
    await fc.assert(
      fc.asyncProperty(anySentAcl, async (sent) => {
        const decoded = await acl(sent);
        expect(decoded).toEqual(aclOf(sent));
        expect(parseAcl(decoded.text)).toEqual(decoded);
        expect(parseAcl(decoded.text)?.text).toBe(decoded.text);
      }),
    );
  });

  /** Odd values in every member, some of them good. */
  const odd = fc.oneof(
    fc.constantFrom<unknown>(
      -1,
      0,
      1,
      255,
      65535,
      65536,
      2 ** 31,
      2 ** 53 - 1,
      -(2 ** 53) + 1,
      1.5,
      '',
      'tcp',
      '6',
      'icmp',
      'all',
    ),
    fc.constantFrom<unknown>(
      ['::/0'],
      ['fe80::1%eth0'],
      ['::ffff:192.0.2.1/96'],
      [' 10.0.0.0/8'],
      ['10.0.0.0/8'],
      [],
      null,
    ),
    fc.string(),
    fc.integer(),
    fc.array(fc.string(), { maxLength: 2 }),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const oddly = <T extends object>(rule: T) =>
    fc
      .array(fc.tuple(fc.constantFrom(...Object.keys(rule), 'id', 'sourceCidrs', 'icmpType'), odd), { maxLength: 3 })
      .map((changes) => ({ ...rule, ...Object.fromEntries(changes) }));

  it('are understood so that they read back, or refused in one line', async () => {
    const check = async (name: string, inline: string, sent: unknown) => {
      try {
        const decoded = await command(name, inline, encoded(sent));
        if (decoded.name === 'apply-fw-rules')
          expect(parseFirewall(textOf(decoded.firewall))).toEqual(decoded.firewall);
        if (decoded.name === 'apply-network-acl') expect(parseAcl(decoded.acl.text)?.text).toBe(decoded.acl.text);
      } catch (error) {
        if (!(error instanceof ContractError)) throw error;
        expect(error.message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(error.message.length).toBeLessThan(400);
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.oneof(oddly(web), oddly(out)), async (rule) =>
        check('apply-fw-rules', '--fw-rules', { rules: [rule] }),
      ),
      { numRuns: 1500 },
    );
    await fc.assert(
      fc.asyncProperty(oddly(first), async (rule) => check('apply-network-acl', '--acl-rules', [rule])),
      { numRuns: 1500 },
    );
  });
});
