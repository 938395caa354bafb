import { describe, expect, it } from 'vitest';
import { checkHost, readAccess } from '../../../src/management/connection.js';
import { connectWords } from '../../../src/management/ssh-words.js';

describe('how a host is logged in to', () => {
  it('is as with the shell program when little is registered', () => {
    expect(readAccess({ hosts: 'a, b', password: 'x' })).toEqual({
      hosts: ['a', 'b'],
      connection: {
        port: 22,
        user: 'root',
        key: undefined,
        password: 'x',
        hostKeyChecking: 'no',
        knownHosts: undefined,
        patience: 10,
        persistence: 300,
      },
    });
  });

  it('takes numbers for texts', () => {
    expect(readAccess({ host: 'a', port: 2222, 'ssh.timeout': 3 }).connection).toMatchObject({
      port: 2222,
      patience: 3,
    });
  });

  it.each(['-----A\nbb\n-----Z', '-----A\\nbb\\n-----Z\\n', '-----A\r\nbb\r\n-----Z\r\n', '\n-----A\nbb\n-----Z\n\n'])(
    'has the key %j with line ends of its own',
    (sshkey) => {
      expect(readAccess({ sshkey }).connection.key).toBe('-----A\nbb\n-----Z\n');
    },
  );

  it.each([
    [{ port: '0' }, '"port" "0": expected a port from 1 to 65535'],
    [{ port: '22 -oX' }, '"port" "22 -oX"'],
    [{ username: '-l' }, '"username" "-l": expected a user name'],
    [{ password: 'SECRET\n' }, '"password": expected one line'],
    [{ sshkey: ['SECRET'] }, '"sshkey": '],
    [{ 'ssh.host.key.checking': 'maybe' }, 'expected no, accept-new or yes'],
    [{ 'ssh.known.hosts.file': 'known' }, 'expected the absolute path'],
    [{ 'ssh.known.hosts.file': '/a"b' }, 'expected the absolute path'],
    [{ 'ssh.timeout': '0' }, 'expected seconds from 1 to 60'],
  ])('%j is refused', (details, words) => {
    expect(() => readAccess(details)).toThrow(words);
    expect(() => readAccess(details)).not.toThrow('SECRET');
  });

  it.each(['10.0.0.1', 'kvm-1.example.org', 'fe80::1%eth0', '[::1]'])('%j is a host', (host) => {
    expect(checkHost(host)).toBe(host);
  });

  it.each(['', '-oProxyCommand=id', 'a b', 'root@a', 'a;b', 'a\n'])('%j is none', (host) => {
    expect(() => checkHost(host)).toThrow('expected a name or an address');
  });
});

describe('the words of ssh', () => {
  const words = (details: Record<string, string>) =>
    connectWords(readAccess(details).connection, 'kvm', '/c', 300, undefined);

  it('never hold a secret', () => {
    for (const details of [{ password: 'SECRET' }, { sshkey: 'SECRET' }, { password: 'SECRET', sshkey: 'SECRET' }])
      expect(words(details).join(' ')).not.toContain('SECRET');
  });

  it.each([
    ['1', 1, 1],
    ['2', 1, 1],
    ['10', 2, 4],
    ['60', 12, 4],
  ])('notice silence of %s seconds', (timeout, interval, count) => {
    const text = words({ 'ssh.timeout': timeout }).join(' ');
    expect(text).toContain(`ServerAliveInterval=${interval} -o ServerAliveCountMax=${count} `);
  });

  it('do not look at keys of hosts unless the operator wants it', () => {
    expect(words({}).join(' ')).toContain('StrictHostKeyChecking=no');
    expect(words({}).join(' ')).toContain('UserKnownHostsFile=/dev/null');
    const strict = words({ 'ssh.host.key.checking': 'yes', 'ssh.known.hosts.file': '/etc/known hosts' });
    expect(strict).toContain('StrictHostKeyChecking=yes');
    expect(strict).toContain('UserKnownHostsFile="/etc/known hosts"');
    expect(words({ 'ssh.host.key.checking': 'accept-new' }).join(' ')).not.toContain('UserKnownHostsFile');
  });
});
