import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { CallError } from '../../../src/contract/call-error.js';
import type { Command, CustomAction, NetworkTarget, SaveUserData } from '../../../src/contract/command.js';
import { formatPortRange } from '../../../src/model/ports.js';
import { formatVlan } from '../../../src/model/vlan.js';
import { anyHostAddress, anyIdentifier, anyPortRange, anyVlan } from '../model/arbitraries.js';
import { Decoding, type Generation, generations, gson, physicalDetails, type Said } from './generations.js';

const decoding = new Decoding();
afterAll(() => decoding.remove());

const network = {
  network_id: '204',
  vlan: '1204',
  zone_id: '1',
  guest_type: 'isolated',
  network_state: 'implemented',
  gateway: '10.1.1.1',
  cidr: '10.1.1.0/24',
};
const extension = { extension_ip: '10.1.1.1' };
const nic = {
  nic_id: '501',
  nic_uuid: '8087c704-44da-4547-86ba-c6baa039f4d0',
  mac: '02:01:cc:00:01:f5',
  ip: '10.1.1.10',
  netmask: '255.255.255.0',
  default_nic: 'true',
  device_id: '0',
};
const names = { dns: '192.0.2.53,192.0.2.54', domain: 'dev.example.org' };
const address = {
  public_ip: '203.0.113.5',
  public_vlan: 'vlan://101',
  public_gateway: '203.0.113.1',
  public_cidr: '203.0.113.0/24',
  source_nat: 'false',
};
const vpc = { vpc_id: '7', zone_id: '1', vpc_state: 'enabled', vpc_cidr: '10.60.0.0/16' };
const forward = { public_port: '8080-8090', private_ip: '10.1.1.10', private_port: '80-90', protocol: 'TCP' };
const vmData = [
  { dir: 'userdata', file: 'user_data', content: '#!/bin/sh\n<html> & \'x\' = "y"\n' },
  { dir: 'metadata', file: 'instance-id', content: 'i-1' },
  { dir: 'metadata', file: 'public-hostname', content: '' },
  { dir: 'password', file: 'vm_password', content: 'p=w' },
];

/** Every command in its newest form; each is decoded in all of them. */
const said: readonly Said[] = [
  { command: 'implement-network', values: { ...network, ...extension } },
  { command: 'shutdown-network', values: network },
  { command: 'destroy-network', values: { ...network, vlan: '' } },
  { command: 'assign-ip', values: { ...network, ...address, source_nat: 'true' } },
  { command: 'release-ip', values: { ...network, ...address } },
  { command: 'add-static-nat', values: { ...network, ...address, private_ip: '10.1.1.10' } },
  { command: 'delete-static-nat', values: { ...network, ...address, private_ip: '' } },
  { command: 'add-port-forward', values: { ...network, ...address, ...forward, private_port: '8080-8090' } },
  { command: 'delete-port-forward', values: { ...network, ...address, ...forward } },
  {
    command: 'apply-fw-rules',
    values: network,
    nested: {
      fw_rules: {
        default_egress_allow: true,
        cidr: '10.1.1.0/24',
        rules: [
          {
            id: 1,
            type: 'ingress',
            protocol: 'tcp',
            portStart: 22,
            portEnd: 22,
            publicIp: '203.0.113.5',
            sourceCidrs: ['198.51.100.0/24'],
            destCidrs: [],
          },
        ],
      },
    },
  },
  {
    command: 'apply-network-acl',
    values: { ...network, vpc_id: '7' },
    nested: {
      acl_rules: [{ number: 1, action: 'allow', trafficType: 'ingress', protocol: '6', portStart: 22, portEnd: 23 }],
    },
  },
  { command: 'apply-network-acl', values: { ...network, vpc_id: '7' }, nested: { acl_rules: [] } },
  {
    command: 'apply-lb-rules',
    values: network,
    nested: {
      lb_rules: [
        {
          id: 9,
          name: "web <front> & 'tls'",
          publicIp: '203.0.113.5',
          publicPort: 80,
          privatePort: 8080,
          protocol: 'tcp',
          algorithm: 'roundrobin',
          revoke: false,
          backends: [{ ip: '10.1.1.10', port: 8080, revoked: false }],
        },
      ],
    },
  },
  { command: 'implement-vpc', values: { ...vpc, ...address, source_nat: 'true' } },
  { command: 'implement-vpc', values: vpc },
  { command: 'shutdown-vpc', values: vpc },
  { command: 'destroy-vpc', values: vpc },
  { command: 'update-vpc-source-nat-ip', values: { ...vpc, ...address, source_nat: 'true' } },
  { command: 'config-dhcp-subnet', values: { ...network, ...names, ...extension, ...nic } },
  { command: 'config-dns-subnet', values: { ...network, ...names, ...extension, ...nic } },
  { command: 'remove-dhcp-subnet', values: { ...network, ...extension } },
  { command: 'remove-dns-subnet', values: { ...network, ...names, ...extension } },
  { command: 'add-dhcp-entry', values: { ...network, ...nic, hostname: 'web-1', ...names, ...extension } },
  { command: 'remove-dhcp-entry', values: { ...network, ...nic, default_nic: 'false', ...extension } },
  { command: 'set-dhcp-options', values: { ...network, nic_id: '501' }, nested: { options: { '26': '1400' } } },
  { command: 'add-dns-entry', values: { ...network, ...names, ...nic, hostname: 'web-1', ...extension } },
  { command: 'remove-dns-entry', values: { ...network, ...names, ...nic, ...extension } },
  { command: 'prepare-nic', values: { ...network, ...nic, hostname: 'web-1', ...extension } },
  { command: 'release-nic', values: { ...network, ...nic, ...extension } },
  { command: 'save-vm-data', values: { ...network, ...nic, ...extension }, nested: { vm_data: vmData } },
  { command: 'save-password', values: { ...network, ...nic, password: '--vpc-id <&=\'"', ...extension } },
  { command: 'save-userdata', values: { ...network, ...nic, userdata: '#cloud-config\na: b\n', ...extension } },
  { command: 'save-sshkey', values: { ...network, ...nic, sshkey: 'ssh-rsa AAAA== a\nssh-rsa B b', ...extension } },
  { command: 'save-hypervisor-hostname', values: { ...network, ...nic, hypervisor_hostname: 'kvm-9.example.org' } },
  {
    command: 'restore-network',
    values: { ...network, ...extension, ...names },
    nested: {
      restore_data: {
        dhcp_enabled: true,
        dns_enabled: true,
        userdata_enabled: true,
        vms: [{ ip: '10.1.1.10', mac: nic.mac, hostname: 'web-1', default_nic: true, vm_data: vmData }],
      },
    },
  },
  {
    command: 'custom-action',
    values: { ...network, action: 'pbr-add-route' },
    nested: { action_params: { table: '100', route: 'blackhole 198.51.100.0/24' } },
  },
  { command: 'custom-action', values: { ...vpc, action: 'pbr-list-tables' }, nested: { action_params: {} } },
];

/** A typed command, for comparison: payloads say more, and actions are answered in another way. */
function comparable(command: Command): unknown {
  if (command.name !== 'custom-action') return command;
  const { answer: _, ...rest } = command;
  return rest;
}

/** Decodes a call as each generation says it, and expects them to be the same. @returns the command they are */
async function expectSameInAll(one: Said): Promise<unknown> {
  // Commands of generation 2.1 have no options, and yet they are understood as such.
  const said = async (generation: Generation) => comparable((await decoding.say(one, generation)).command);
  const [first, ...others] = generations;
  const expected = await said(first);
  for (const generation of others) expect(await said(generation), generation).toEqual(expected);
  return expected;
}

describe('a call', () => {
  it.each(said.map((one) => [one.command, one] as const))('%s is the same in all generations', async (_, one) => {
    expect(await expectSameInAll(one)).toMatchObject({ name: one.command });
  });

  it('is the same in all generations with any values', async () => {
    const anyMac = fc
      .array(fc.integer({ min: 0, max: 255 }), { minLength: 5, maxLength: 5 })
      .map((bytes) => ['02', ...bytes.map((byte) => byte.toString(16).padStart(2, '0'))].join(':'));
    const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).map((text) => `${text}-<&='>`);
    const anyPassword = fc
      .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 })
      .filter((text) => /^[!-~ ]+$/.test(text));
    const anyCall: fc.Arbitrary<Said> = fc
      .record({
        id: anyIdentifier,
        vlan: anyVlan,
        scheme: fc.constantFrom('', 'vlan://'),
        publicIp: anyHostAddress,
        privateIp: anyHostAddress,
        ports: anyPortRange,
        mac: anyMac,
        flag: fc.constantFrom('true', 'false', 'TRUE', 'no', '0', '1'),
        text: anyText,
        password: anyPassword,
        isTier: fc.boolean(),
        command: fc.constantFrom(
          'implement-network',
          'assign-ip',
          'add-port-forward',
          'add-dhcp-entry',
          'prepare-nic',
          'save-password',
          'save-userdata',
          'save-vm-data',
        ),
      })
      .map((any) => ({
        command: any.command,
        values: {
          ...network,
          network_id: any.id,
          vlan: formatVlan(any.vlan),
          ...(any.isTier ? { vpc_id: any.id } : {}),
          public_ip: any.publicIp,
          public_vlan: `${any.scheme}${formatVlan(any.vlan)}`,
          source_nat: any.flag,
          public_port: formatPortRange(any.ports),
          private_port: formatPortRange(any.ports),
          private_ip: any.privateIp,
          mac: any.mac,
          ip: any.privateIp,
          default_nic: any.flag,
          userdata: any.text,
          password: any.password,
        },
        nested: { vm_data: [{ dir: 'userdata', file: 'user_data', content: any.text }] },
      }));
    await fc.assert(
      fc.asyncProperty(anyCall, async (one) => {
        await expectSameInAll(one);
      }),
      { numRuns: 30 },
    );
  });
});

const message = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  const { message: text } = error as Error;
  expect(text).not.toMatch(/\n/);
  return text;
};

describe('a payload file', () => {
  it('is what a first argument names that is no option', async () => {
    const payload = gson({ payload: network });
    expect((await decoding.decode(['shutdown-network', 'payload', '60'], payload)).command.target.networkId).toBe(
      '204',
    );
    expect((await decoding.decode(['shutdown', join(decoding.directory, 'payload')])).command.name).toBe(
      'shutdown-network',
    );
    // Options are options, also after a word that is none.
    expect((await decoding.decode(['shutdown-network', 'x', '--network-id', '5'])).command.target.networkId).toBe('5');
    expect((await decoding.decode(['shutdown-network', '--network-id', '5'])).command.target.networkId).toBe('5');
  });

  it('is named when it cannot be read, or is none; its content is never shown', async () => {
    const { directory } = decoding;
    expect(await message(decoding.decode(['shutdown-network', 'nothing', '60']))).toBe(
      `shutdown-network: payload file "${directory}/nothing": could not be read (ENOENT); expected a file with a JSON object`,
    );
    expect(await message(decoding.decode(['shutdown-network', directory, '60']))).toContain('is no regular file');
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    expect(await message(decoding.decode(['shutdown-network', 'pipe', '60']))).toContain('is no regular file');
    writeFileSync(join(directory, 'large'), '');
    truncateSync(join(directory, 'large'), 300 * 1024 * 1024);
    expect(await message(decoding.decode(['shutdown-network', 'large', '60']))).toContain('expected at most 268435456');
    for (const content of ['', 'SECRET', '["SECRET"]', '{"payload":{"password":"SECRET"', '"SECRET"', 'null']) {
      const text = await message(decoding.payload('save-password', content));
      expect(text).toContain('expected a JSON object');
      expect(text).not.toContain('SECRET');
    }
  });

  it('may have no values, and then says which one is missing', async () => {
    expect(await message(decoding.payload('shutdown-network', {}))).toBe('shutdown-network: network_id is missing');
    expect(await message(decoding.payload('apply-fw-rules', { payload: network }))).toBe(
      'apply-fw-rules: fw_rules is missing',
    );
    expect(await message(decoding.payload('apply-lb-rules', { payload: network }))).toBe(
      'apply-lb-rules: lb_rules is missing',
    );
    const wrong = { payload: { ...network, ...address, public_ip: 'x' } };
    expect(await message(decoding.payload('assign-ip', wrong))).toMatch(
      /^assign-ip: public_ip "x": expected an IPv4 address/,
    );
  });

  it('says what a failed call was about', async () => {
    const failed = decoding.payload('assign-ip', { payload: { ...network, vpc_id: '7' } });
    const error = await failed.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CallError);
    expect((error as CallError).subject).toBe('network=204 vpc=7');
  });

  it('has texts; numbers, truth values and null are taken for what they would be as such', async () => {
    const payload = { ...network, network_id: 204, vlan: 1204, ...address, source_nat: true, public_gateway: null };
    expect((await decoding.payload('assign-ip', { payload })).command).toMatchObject({
      target: { networkId: '204', vlan: 1204 },
      sourceNat: true,
      publicGateway: undefined,
    });
    const wrong = { ...network, network_id: { a: 1 } };
    expect(await message(decoding.payload('shutdown-network', { payload: wrong }))).toBe(
      'shutdown-network: network_id: expected a text',
    );
  });

  it('has the details; what it does not have comes from the environment', async () => {
    const given = { 'physical-network-extension-details': physicalDetails, payload: network };
    expect((await decoding.payload('shutdown-network', given)).command.target).toMatchObject({
      guestDevice: 'bond0',
      publicDevice: 'bond1',
      namespace: 'cs-net-204',
    });
    const asText = { 'network-extension-details': '{"namespace":"mine"}', payload: network };
    expect((await decoding.payload('shutdown-network', asText)).command.target.namespace).toBe('mine');
    const environment = { CS_PHYSICAL_NETWORK_EXTENSION_DETAILS: '{"guest.network.device":"bond7"}' };
    const own = await decoding.decode(['shutdown-network', 'payload', '60'], gson({ payload: network }), environment);
    expect(own.command.target.guestDevice).toBe('bond7');
    for (const details of ['SECRET', ['SECRET'], 5]) {
      const text = await message(
        decoding.payload('shutdown-network', { 'physical-network-extension-details': details, payload: network }),
      );
      expect(text).toContain('physical-network-extension-details');
      expect(text).not.toContain('SECRET');
    }
  });

  it('is followed by the seconds that its caller waits, and by options of ours', async () => {
    const payload = gson({ payload: network });
    const more = async (...rest: string[]) => decoding.decode(['shutdown-network', 'payload', ...rest], payload);
    expect(await more('60')).toMatchObject({ timeout: 60_000, isDryRun: false, warnings: [] });
    expect(await more('5', '--dry-run', '--trace')).toMatchObject({ timeout: 5000, isDryRun: true });
    expect(await more('--dry-run')).toMatchObject({ timeout: undefined, isDryRun: true });
    const first = await decoding.decode(['shutdown-network', '--dry-run', 'payload', '60'], payload);
    expect(first).toMatchObject({ timeout: 60_000, isDryRun: true });
    expect(await more()).toMatchObject({ timeout: undefined });
    expect(await more('soon')).toMatchObject({
      timeout: undefined,
      warnings: ['shutdown-network: timeout "soon": expected seconds; it does not count'],
    });
  });
});

describe('what a payload file says beyond options', () => {
  const target = async (changed: Record<string, string>, command = 'prepare-nic') =>
    (await decoding.payload(command, { payload: { ...network, ...nic, ...extension, ...changed } })).command
      .target as NetworkTarget;

  it('is what a shared network is built with', async () => {
    expect((await target({})).shared).toBeUndefined();
    expect((await target({ guest_type: 'Shared', extension_ip: '10.1.1.2' })).shared).toEqual({
      gateway: '10.1.1.1',
      cidr: { address: '10.1.1.0', prefix: 24 },
      extensionIp: '10.1.1.2',
    });
    // A NIC's own router is not the network's.
    expect((await target({ guest_type: 'shared', gateway: '192.0.2.1' })).shared).toMatchObject({ gateway: undefined });
    expect((await target({ guest_type: 'shared', gateway: 'x' }, 'release-nic')).shared).toMatchObject({
      gateway: undefined,
    });
  });

  it('is whether the network is at its end', async () => {
    const isEnding = async (state: string) => (await target({ network_state: state })).isEnding === true;
    for (const state of ['shutdown', 'destroy', 'allocated', 'Allocated']) expect(await isEnding(state)).toBe(true);
    for (const state of ['implementing', 'implemented', 'setup', '']) expect(await isEnding(state)).toBe(false);
  });

  it('is that CloudStack wants to be told the VLAN', async () => {
    const implement = async (details: object, vlan = '1204') =>
      (
        await decoding.payload('implement-network', {
          'physical-network-extension-details': details,
          payload: { ...network, ...extension, vlan },
        })
      ).command;
    const detail = { 'network.isolation.method': 'NetworkExtension' };
    expect(await implement({})).toMatchObject({ tellsBroadcast: undefined });
    expect(await implement(detail)).toMatchObject({ tellsBroadcast: true });
    expect(await message(implement(detail, ''))).toMatch(/^implement-network: vlan is missing, because .*14077/);
    expect(await implement({}, '')).toMatchObject({ target: { vlan: undefined } });
  });
});

describe('user data', () => {
  const content = async (command: string, payload: object): Promise<string> => {
    const request = await decoding.payload(command, { payload: { network_id: '204', ip: '10.1.1.10', ...payload } });
    return Buffer.from((request.command as SaveUserData).files[0]?.content ?? []).toString('latin1');
  };

  it('that could be base64 is base64 in generation 2.0 only', async () => {
    expect(await content('save-userdata', { userdata: 'aGVsbG8=' })).toBe('hello');
    expect(await content('save-userdata', { userdata: '/wA=' })).toBe('\xff\0');
    expect(await content('save-userdata', { userdata: 'aGVsbG8=', network_state: 'implemented' })).toBe('aGVsbG8=');
    expect(await content('save-userdata', { userdata: 'aGVsbG8=', vm_data: [] })).toBe('aGVsbG8=');
    expect(await content('save-userdata', { userdata: '#!/bin/sh\n' })).toBe('#!/bin/sh\n');
    const entries = [{ dir: 'userdata', file: 'user_data', content: 'aGVsbG8=' }];
    expect(await content('save-vm-data', { vm_data: entries })).toBe('aGVsbG8=');
    expect(await content('save-vm-data', { vm_data: Buffer.from(JSON.stringify(entries)).toString('base64') })).toBe(
      'hello',
    );
  });

  it('that is a key may be base64 in every generation', async () => {
    const key = 'ssh-ed25519 AAAA me';
    for (const state of [{}, { network_state: 'implemented' }]) {
      expect(await content('save-sshkey', { ...state, sshkey: key })).toBe(key);
      expect(await content('save-sshkey', { ...state, sshkey: Buffer.from(key).toString('base64') })).toBe(key);
    }
  });

  it('is never shown', async () => {
    for (const [command, key] of [
      ['save-vm-data', 'vm_data'],
      ['restore-network', 'restore_data'],
    ] as const) {
      const text = await message(decoding.payload(command, { payload: { ...network, ...nic, [key]: 'SECRET!' } }));
      expect(text).toBe(`${command}: ${key}: expected JSON, or base64 of JSON`);
    }
  });
});

describe('a custom action', () => {
  const action = async (values: object) => (await decoding.payload('custom-action', values)).command as CustomAction;

  it('is flat, and answered with JSON', async () => {
    const given = { ...network, action: 'pbr-list-routes', 'action-params': { 'table-id': '100', table: '' } };
    expect(await action(given)).toMatchObject({
      target: { networkId: '204' },
      request: { action: 'pbr-list-routes', table: { id: 100 } },
      answer: 'json',
    });
    const { 'action-params': parameters, ...others } = given;
    expect(await action({ ...others, action_params: parameters })).toMatchObject({ request: { table: { id: 100 } } });
    expect(await action({ payload: { ...others, 'action-params': JSON.stringify(parameters) } })).toMatchObject({
      request: { table: { id: 100 } },
    });
  });

  it('can be about a VPC, or about a tier, which says of which', async () => {
    expect((await action({ ...vpc, action: 'dump-config' })).target).toMatchObject({
      networkId: undefined,
      vpcId: '7',
    });
    expect((await action({ ...network, vpc_id: '7', action: 'dump-config' })).target).toMatchObject({
      networkId: '204',
      namespace: 'cs-vpc-7',
    });
  });

  it('of a hook has the parameters as they were sent', async () => {
    const parameters = { newline: 'a\nb', name: "<b>x</b> & 'z' =", empty: '', umlaut: 'ü' };
    expect((await action({ ...network, action: 'mine', 'action-params': parameters })).request).toEqual({
      action: 'hook',
      name: 'mine',
      parameters: JSON.stringify(parameters),
    });
    const text = gson(parameters);
    expect((await action({ ...network, action: 'mine', 'action-params': text })).request).toMatchObject({
      parameters: text,
    });
  });
});
