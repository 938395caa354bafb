import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { native } from '../../../src/kernel/native.js';
import { run, scratchNamespace } from './scratch.js';

const directory = mkdtempSync(join(tmpdir(), 'descriptors-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('tryLock', () => {
  it('excludes other processes until they let go', async () => {
    const file = join(directory, 'lock');
    const child = spawn('flock', ['-x', file, '-c', 'echo locked; read line'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const ours = openSync(file, 'w');
    expect(native.tryLock(ours)).toBe(false);
    child.stdin.end('\n');
    await once(child, 'close');
    expect(native.tryLock(ours)).toBe(true);
    expect(() => run(['flock', '-n', '-x', file, '-c', 'true'])).toThrow();
    closeSync(ours);
    run(['flock', '-n', '-x', file, '-c', 'true']);
  });

  it('throws for what is no open file', () => {
    expect(() => native.tryLock(9999)).toThrow(expect.objectContaining({ code: 'EBADF' }));
    expect(() => native.tryLock(-1)).toThrow(TypeError);
  });
});

describe('peerCredentials', () => {
  it('tells who is at the other end', async () => {
    const path = join(directory, 'socket');
    const server = createServer().listen(path);
    await once(server, 'listening');
    const script = `import os,socket; s=socket.socket(socket.AF_UNIX); s.connect('${path}'); print(os.getpid(),flush=True); s.recv(1)`;
    const child = spawn('python3', ['-c', script], { uid: 65534, gid: 65533, stdio: ['ignore', 'pipe', 'inherit'] });
    run(['chmod', '755', directory]);
    run(['chmod', '777', path]);
    const [peer] = (await once(server, 'connection')) as [Socket];
    const { fd } = (peer as unknown as { _handle: { fd: number } })._handle;
    expect(native.peerCredentials(fd)).toEqual({ pid: child.pid, uid: 65534, gid: 65533 });
    peer.end('x');
    await once(child, 'close');
    server.close();
  });

  it('throws for what has no peer', () => {
    expect(() => native.peerCredentials(9999)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });
});

describe('listen', () => {
  it('serves a namespace from outside', async () => {
    const name = await scratchNamespace();
    run(['ip', 'link', 'set', 'lo', 'up'], name);
    const descriptor = await native.listen(name, { address: '127.0.0.1', port: 8080 });
    const server = createServer((client) => client.end('hello'));
    server.listen({ fd: descriptor });
    await once(server, 'listening');
    const script = "import socket; s=socket.create_connection(('127.0.0.1',8080)); print(s.recv(9).decode())";
    const child = spawn('ip', ['netns', 'exec', name, 'python3', '-c', script]);
    expect(await text(child.stdout)).toBe('hello\n');
    const outside = connect(8080, '127.0.0.1');
    const [error] = (await once(outside, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    server.close();
  });

  it('says why not', async () => {
    const name = await scratchNamespace();
    run(['ip', 'link', 'set', 'lo', 'up'], name);
    const listen = (address: string) => native.listen(name, { address, port: 80 });
    await expect(listen('nonsense')).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(listen('203.0.113.1')).rejects.toMatchObject({ code: 'EADDRNOTAVAIL', syscall: 'bind' });
    const descriptor = await listen('::');
    await expect(listen('::')).rejects.toMatchObject({ code: 'EADDRINUSE' });
    closeSync(descriptor);
    expect(() => native.listen(name, { address: '::', port: 65536 })).toThrow(TypeError);
  });
});
