import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { native } from '../../../src/kernel/native.js';
import { run, scratchNamespace } from './scratch.js';

const capture = `
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
s.bind(('peer', 0))
s.settimeout(10)
print('ready', flush=True)
for _ in range(int(sys.argv[1])):
    print(s.recv(100).hex(), flush=True)
`;

describe('gratuitous ARP', () => {
  it('is seen by the neighbour', async () => {
    const [name, neighbour] = [await scratchNamespace(), await scratchNamespace()];
    run(['ip', '-n', name, 'link', 'add', 'own', 'type', 'veth', 'peer', 'name', 'peer', 'netns', neighbour]);
    run(['ip', '-n', name, 'link', 'set', 'own', 'address', '02:00:00:00:00:aa', 'up']);
    run(['ip', '-n', neighbour, 'link', 'set', 'peer', 'up']);
    const link = JSON.parse(run(['ip', '-j', '-n', name, 'link', 'show', 'own'])) as [{ ifindex: number }];
    const index = link[0].ifindex;

    const child = spawn('ip', ['netns', 'exec', neighbour, 'python3', '-c', capture, '3']);
    let output = '';
    child.stdout.on('data', (part: Buffer) => {
      output += part.toString();
    });
    while (!output.includes('ready')) await once(child.stdout, 'data');
    const failures = await native.announceAddresses(name, [
      { interface: index, address: '203.0.113.7', form: 'both' },
      { interface: 9999, address: '203.0.113.7' },
      { interface: index, address: '203.0.113.8', hardwareAddress: '02:00:00:00:00:bb' },
    ]);
    await once(child, 'close');
    expect(failures).toMatchObject([{ index: 1, code: 'ENXIO' }]);
    const ethernet = (hardware: string) => `ffffffffffff${hardware}0806`;
    const arp = (operation: string) => `000108000604000${operation}`;
    const [aa, bb, nobody] = ['0200000000aa', '0200000000bb', '000000000000'];
    expect(output.trim().split('\n').slice(1)).toEqual([
      `${ethernet(aa)}${arp('1')}${aa}cb007107${nobody}cb007107`,
      `${ethernet(aa)}${arp('2')}${aa}cb007107${aa}cb007107`,
      `${ethernet(bb)}${arp('1')}${bb}cb007108${nobody}cb007108`,
    ]);
  });

  it('is refused for what is no address', () => {
    const announce = (announcement: object) => native.announceAddresses(undefined, [announcement as never]);
    expect(() => announce({ interface: 1, address: '203.0.113.0/24' })).toThrow(TypeError);
    expect(() => announce({ interface: 0, address: '203.0.113.7' })).toThrow(TypeError);
    expect(() => announce({ interface: 1, address: '203.0.113.7', hardwareAddress: '2:0:0:0:0:1' })).toThrow(TypeError);
    expect(() => announce({ interface: 1, address: '203.0.113.7', form: 'shout' })).toThrow(TypeError);
  });
});
