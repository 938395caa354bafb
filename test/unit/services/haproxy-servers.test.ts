import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { updateServers } from '../../../src/services/haproxy-servers.js';

/** Speaks as haproxy does on its socket: backends with their servers and whether these are in maintenance. */
describe('the servers of a running haproxy', () => {
  let directory: string;
  let listener: Server;
  let said: string[];
  let servers: Map<string, boolean>;
  let obeys: boolean;
  let busy: string | undefined;

  const answer = (command: string) => {
    said.push(command);
    const [verb = '', what = '', name = ''] = command.split(' ');
    if (command === 'show servers state') {
      const rows = [...servers].map(([server, isKept], index) => {
        const [backend, own] = server.split('/');
        return `3 ${backend} ${index} ${own} 127.0.0.1 2 ${isKept ? 1 : 0} 1 1 0`;
      });
      return ['1', '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state', ...rows, '', ''].join('\n');
    }
    if (!obeys) return 'Backend must use a dynamic load balancing to support dynamic servers.\n';
    if (verb === 'add') servers.set(name, true);
    if (verb === 'set' && what === 'server') servers.set(name, command.endsWith('maint'));
    if (verb === 'del' && name !== busy) servers.delete(name);
    return '\n';
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'haproxy-'));
    said = [];
    servers = new Map([['b/10.1.1.10:80', false]]);
    obeys = true;
    busy = undefined;
    listener = createServer({ allowHalfOpen: true }, (socket) => {
      socket.once('data', (line) => {
        socket.end(line.toString().trim().split(';').map(answer).join('\n'));
      });
    });
    await once(listener.listen(join(directory, 'sock')), 'listening');
  });
  afterEach(() => {
    listener.close();
    rmSync(directory, { recursive: true });
  });

  const update = (...names: string[]) =>
    updateServers(join(directory, 'sock'), new Map([['b', new Map(names.map((name) => [name, `${name} check`]))]]));

  it('are left alone when they are right', async () => {
    expect(await update('10.1.1.10:80')).toBe(true);
    expect(said).toEqual(['show servers state']);
  });

  it('come, are looked after, and go', async () => {
    expect(await update('10.1.1.11:80')).toBe(true);
    expect([...servers]).toEqual([['b/10.1.1.11:80', false]]);
    expect(said).toContain('add server b/10.1.1.11:80 10.1.1.11:80 check');
    expect(said).toContain('enable health b/10.1.1.11:80');
  });

  it('stay kept from new connections while they have old ones, and come back', async () => {
    busy = 'b/10.1.1.10:80';
    expect(await update()).toBe(true);
    expect([...servers]).toEqual([['b/10.1.1.10:80', true]]);
    expect(await update('10.1.1.10:80')).toBe(true);
    expect([...servers]).toEqual([['b/10.1.1.10:80', false]]);
  });

  it('many at once are several lines', async () => {
    const names = Array.from({ length: 400 }, (_, index) => `10.1.${index % 250}.${(index % 200) + 1}:${index + 1}`);
    expect(await update(...names)).toBe(true);
    expect(servers.size).toBe(400);
  });

  it('need a new start when haproxy does not do it, or is not there', async () => {
    obeys = false;
    expect(await update('10.1.1.11:80')).toBe(false);
    listener.close();
    expect(await updateServers(join(directory, 'nothing'), new Map())).toBe(false);
  });
});
