import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SaveUserData } from '../../../src/contract/command.js';
import { decode } from '../../../src/contract/decode.js';
import { readVmData } from '../../../src/contract/vm-data.js';

const program = '/etc/cloudstack/extensions/network-namespace/network-namespace-wrapper.sh';
const about = ['--network-id', '5', '--ip', '10.1.1.10', '--gateway', '10.1.1.1', '--extension-ip', '10.1.1.1'];

async function decoded(command: string, ...more: string[]) {
  const { command: typed, warnings } = await decode({
    program,
    arguments: [command, ...about, ...more],
    environment: {},
    directory: '/',
  });
  const { files, password, ...rest } = typed as SaveUserData;
  return {
    ...rest,
    password,
    warnings,
    files: Object.fromEntries(files.map(({ path, content }) => [path, Buffer.from(content).toString('latin1')])),
  };
}

const base64 = (text: string | Uint8Array) => Buffer.from(text as string).toString('base64');
const vmData = (...entries: unknown[]) => base64(JSON.stringify(entries));
const entry = (dir: string, file: string, content: string | Uint8Array = 'x') => ({
  dir,
  file,
  content: base64(content),
});

describe('save-vm-data', () => {
  it('is taken apart into files and the password', async () => {
    const data = vmData(
      entry('userdata', 'user_data', Uint8Array.of(0, 255)),
      entry('metadata', 'instance-id', 'i-1'),
      entry('metadata', 'public-hostname', ''),
      entry('metadata', 'hypervisor-host-name', 'kvm'),
      entry('password', 'vm_password', 'p=w'),
      entry('password', 'vm-password-md5checksum', 'abc'),
      entry('other', 'thing', 'y'),
    );
    expect(await decoded('save-vm-data', '--vm-data', data)).toEqual({
      name: 'save-vm-data',
      target: {
        networkId: '5',
        vpcId: undefined,
        namespace: 'cs-net-5',
        guestDevice: 'eth1',
        publicDevice: 'eth1',
        vlan: undefined,
      },
      guestIp: '10.1.1.10',
      password: 'p=w',
      warnings: [],
      files: {
        'user-data': '\x00\xff',
        'meta-data/instance-id': 'i-1',
        'meta-data/public-hostname': '',
        'meta-data/hypervisor-host-name': 'kvm',
        'meta-data/hypervisor-hostname': 'kvm',
        'meta-data/password-checksum': 'abc',
        'other/thing': 'y',
      },
    });
  });

  it('is read from a file, which wins', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'csn-data-'));
    try {
      writeFileSync(join(directory, 'data'), vmData(entry('metadata', 'vm-id', '7')));
      const { files } = await decoded('save-vm-data', '--vm-data-file', join(directory, 'data'), '--vm-data', 'x');
      expect(files).toEqual({ 'meta-data/vm-id': '7' });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it.each([
    ['metadata', '../x'],
    ['metadata', '..'],
    ['metadata', '.hidden'],
    ['metadata', ''],
    ['metadata', 'a/b'],
    ['metadata', 'a\0b'],
    ['metadata', 'a\nb'],
    ['metadata', 'x'.repeat(256)],
    ['..', 'x'],
    ['', 'x'],
    ['/etc', 'passwd'],
    ['user-data', 'x'],
  ])('leaves out %j/%j with a warning, and keeps the rest', async (dir, file) => {
    const { files, warnings } = await decoded(
      'save-vm-data',
      '--vm-data',
      vmData(entry(dir, file, 'SECRET'), entry('metadata', 'vm-id', '7')),
    );
    expect(files).toEqual({ 'meta-data/vm-id': '7' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^save-vm-data: entry .*skipped$/);
    expect(warnings[0]).not.toContain('SECRET');
  });

  it('leaves out what is no entry, and a password of two lines', async () => {
    const odd = [7, null, 'x', [], {}, { dir: 'metadata' }, { dir: 'metadata', file: 'a', content: 5 }];
    const { files, password, warnings } = await decoded(
      'save-vm-data',
      '--vm-data',
      vmData(...odd, entry('password', 'vm_password', 'a\n10.1.1.11=b'), entry('metadata', 'vm-id')),
    );
    expect({ files, password }).toEqual({ files: { 'meta-data/vm-id': 'x' }, password: undefined });
    expect(warnings).toHaveLength(odd.length + 1);
  });

  it.each(['', 'not base64!', base64('SECRET'), base64('{}'), base64('7'), 'U0VDUkVU'])(
    'refuses %j, and does not show it',
    async (data) => {
      const error: unknown = await decoded('save-vm-data', '--vm-data', data).catch((reason: unknown) => reason);
      expect(String(error)).toMatch(/^ContractError: save-vm-data: --vm-data/);
      expect(String(error)).not.toMatch(/SECRET/);
    },
  );

  it('never names a file outside of the guest’s tree, or one twice', () => {
    const name = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '',
        '/',
        'metadata',
        'userdata',
        'user_data',
        'user-data',
        'password',
        'vm_password',
        'x',
      ),
      fc.constantFrom(
        'hypervisor-host-name',
        'hypervisor-hostname',
        'vm-password-md5checksum',
        '../x',
        'a/../..',
        '\0',
      ),
      fc.string({ unit: 'binary', maxLength: 300 }),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ dir: name, file: name, content: fc.base64String() })), (entries) => {
        const { files, password } = readVmData(entries, 'base64', (warning) => expect(warning).not.toMatch(/[\r\n]/));
        const paths = files.map(({ path }) => path);
        expect(new Set(paths).size).toBe(paths.length);
        for (const path of paths) {
          expect(join('/', path)).toBe(`/${normalize(path)}`);
          expect(path).toMatch(/^(?:user-data|[^./][^/]*\/[^./][^/]*)$/su);
          expect(path).not.toMatch(/[\p{Cc}]/u);
          expect(path.startsWith('user-data/')).toBe(false);
        }
        expect(password ?? '').not.toMatch(/[\r\n\0]/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('values that are saved on their own', () => {
  it('user data is base64, or itself', async () => {
    const bytes = Uint8Array.of(0, 255, 10);
    expect((await decoded('save-userdata', '--userdata', base64(bytes))).files).toEqual({ 'user-data': '\x00\xff\n' });
    expect((await decoded('save-userdata', '--userdata', '#!/bin/sh')).files).toEqual({ 'user-data': '#!/bin/sh' });
    expect((await decoded('save-userdata', '--userdata', 'abcde')).files).toEqual({ 'user-data': 'abcde' });
    expect((await decoded('save-userdata', '--userdata', '')).files).toEqual({ 'user-data': '' });
    expect((await decoded('save-userdata', '--userdata', 'YWJj\nZA==\n')).files).toEqual({ 'user-data': 'abcd' });
  });

  it('keys are base64, or themselves', async () => {
    const keys = 'ssh-rsa AAAA== one\nssh-ed25519 BBBB two\n';
    expect((await decoded('save-sshkey', '--sshkey', base64(keys))).files).toEqual({ 'meta-data/public-keys': keys });
    expect((await decoded('save-sshkey', '--sshkey', keys)).files).toEqual({ 'meta-data/public-keys': keys });
    expect((await decoded('save-sshkey', '--sshkey', 'ssh-rsa AAAA')).files).toEqual({
      'meta-data/public-keys': 'ssh-rsa AAAA',
    });
  });

  it.each(['--vpc-id', '=', "FAKE=pw with spaces, = and 'quotes'", ' ', '$HOME `id`', 'ü', '\t'])(
    'password %j is itself',
    async (password) => {
      expect(await decoded('save-password', '--password', password)).toMatchObject({ password, files: {} });
    },
  );

  it.each(['SECRET\n', 'a\r10.1.1.11=SECRET', 'SECRET\0', 'SECRET\u2028'])(
    'password %j is refused and not shown',
    async (password) => {
      await expect(decoded('save-password', '--password', password)).rejects.toThrow(
        /^save-password: --password: expected one line of text \(the value is not shown\)$/,
      );
    },
  );

  it('a hypervisor is known under both names, and by a host name only', async () => {
    expect((await decoded('save-hypervisor-hostname', '--hypervisor-hostname', 'kvm-1.example.org')).files).toEqual({
      'meta-data/hypervisor-host-name': 'kvm-1.example.org',
      'meta-data/hypervisor-hostname': 'kvm-1.example.org',
    });
    for (const name of ['a b', 'a\nb', '-a', 'a..b', '../a', 'x'.repeat(254)])
      await expect(decoded('save-hypervisor-hostname', '--hypervisor-hostname', name)).rejects.toThrow(
        /expected a host name/,
      );
  });

  it('nothing is saved for what is no address of a host', async () => {
    for (const ip of ['', '10.1.1', '0.0.0.0', '127.0.0.1', '10.1.1.10/24', '../10.1.1.10', '224.0.0.1'])
      await expect(decoded('save-userdata', '--ip', ip)).rejects.toThrow(/^save-userdata: --ip/);
  });
});
