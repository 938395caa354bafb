import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../host/endpoint.js';
import type { TestHost } from '../host/host.js';
import { briefly } from '../host/patience.js';
import { takeSnapshot } from '../host/snapshot.js';
import { type Forward, Network } from './network.js';
import { attachGuest, attachInternet, createHost, internet, trimmed } from './scene.js';

const publicIp = '203.0.113.10';

describe('add-port-forward and delete-port-forward', () => {
  let host: TestHost;
  let network: Network;
  let guest: Endpoint;
  let other: Endpoint;
  let outside: Endpoint;

  beforeAll(async () => {
    host = await createHost();
    network = new Network(host, { id: 42, vlan: 100 });
    await network.implement();
    await network.assign(publicIp, { sourceNat: true });
    outside = await attachInternet(host);
    guest = await attachGuest(host, network, 10, 100);
    other = await attachGuest(host, network, 11, 100);
    for (const port of [22, 23, 3000, 8079, 8080, 8083, 8085, 8090, 8091]) await guest.listenTcp(port);
    for (const port of [22, 8080, 8090]) await guest.listenUdp(port);
    await guest.listenTcp(1);
    await other.listenTcp(22);
  });
  afterAll(() => host?.destroy());

  const tcp = (port: number, options = {}) => outside.tcp(publicIp, port, { from: internet, ...options });
  const forwards = async () =>
    Object.fromEntries(
      Object.entries(trimmed(await host.state()))
        .filter(([path]) => path.startsWith('network-42/port-forward/'))
        .map(([path, content]) => [path.slice('network-42/port-forward/'.length), content]),
    );
  const single: Forward = { publicIp, publicPort: 2222, privateIp: '10.1.1.10', privatePort: 22 };

  test('leads a port to the guest, which sees the true client', async () => {
    expect((await tcp(2222, briefly)).result).not.toBe('open');
    await network.addPortForward(single);
    expect(await tcp(2222)).toMatchObject({
      result: 'open',
      seen: { peer: internet, local: '10.1.1.10', localPort: 22 },
    });
    expect((await tcp(2223, briefly)).result).not.toBe('open');
    expect((await outside.udp(publicIp, 2222, { from: internet, ...briefly })).result).not.toBe('open');
    expect(await forwards()).toEqual({ [`tcp_${publicIp}_2222`]: `tcp ${publicIp} 2222 10.1.1.10 22` });
  });

  test('again: changes nothing', async () => {
    const before = await takeSnapshot(host);
    await network.addPortForward(single);
    await network.addPortForward({ ...single, protocol: 'TCP' });
    expect(await takeSnapshot(host)).toEqual(before);
  });

  test('udp beside tcp on one port; the protocol in upper case', async () => {
    await network.addPortForward({ ...single, protocol: 'UDP' });
    expect(await outside.udp(publicIp, 2222, { from: internet })).toMatchObject({
      result: 'open',
      seen: { peer: internet, localPort: 22 },
    });
    expect((await tcp(2222)).result).toBe('open');
    await network.deletePortForward({ ...single, protocol: 'udp' });
    expect((await outside.udp(publicIp, 2222, { from: internet, ...briefly })).result).not.toBe('open');
    expect((await tcp(2222)).result).toBe('open');
  });

  test('deleted: an existing connection ends, one through another forward stays', async () => {
    await network.addPortForward({ ...single, publicPort: 2223, privatePort: 23 });
    const ended = await outside.connect(publicIp, 2222, { from: internet });
    const kept = await outside.connect(publicIp, 2223, { from: internet });
    expect([await ended.exchange(), await kept.exchange()]).toEqual(['answered', 'answered']);
    await network.deletePortForward(single);
    expect(await ended.exchange()).not.toBe('answered');
    expect(await kept.exchange()).toBe('answered');
    expect((await tcp(2222, briefly)).result).not.toBe('open');
    expect(Object.keys(await forwards())).toEqual([`tcp_${publicIp}_2223`]);
    await network.deletePortForward({ ...single, publicPort: 2223, privatePort: 23 });
  });

  test('deleted again, never added, without destination: succeeds and changes nothing', async () => {
    const before = await takeSnapshot(host);
    await network.deletePortForward(single);
    await network.deletePortForward({ ...single, publicPort: 4000, privateIp: '', privatePort: '' });
    expect(await takeSnapshot(host)).toEqual(before);
  });

  test('added with another destination: moves', async () => {
    await network.addPortForward(single);
    await network.addPortForward({ ...single, privateIp: '10.1.1.11' });
    expect(await tcp(2222)).toMatchObject({ result: 'open', seen: { local: '10.1.1.11' } });
    expect(await forwards()).toEqual({ [`tcp_${publicIp}_2222`]: `tcp ${publicIp} 2222 10.1.1.11 22` });
    await network.deletePortForward({ ...single, privateIp: '10.1.1.11' });
    expect((await tcp(2222, briefly)).result).not.toBe('open');
  });

  test.each(['-', ':'])('an equal range with "%s": port by port, nothing beside it', async (sign) => {
    const range: Forward = {
      publicIp,
      publicPort: `8080${sign}8090`,
      privateIp: '10.1.1.10',
      privatePort: `8080${sign}8090`,
    };
    await network.addPortForward(range);
    await network.addPortForward(range);
    for (const port of [8080, 8085, 8090])
      expect(await tcp(port)).toMatchObject({ result: 'open', seen: { localPort: port } });
    for (const port of [8079, 8091]) expect((await tcp(port, briefly)).result).not.toBe('open');
    expect(Object.keys(await forwards())).toEqual([`tcp_${publicIp}_8080-8090`]);
    expect(Object.values(await forwards())[0]).toMatch(/^tcp 203\.0\.113\.10 8080[-:]8090 10\.1\.1\.10 8080[-:]8090$/);
    // Deleted in the other form: it is the same range.
    const otherSign = sign === '-' ? ':' : '-';
    await network.deletePortForward({
      ...range,
      publicPort: `8080${otherSign}8090`,
      privatePort: `8080${otherSign}8090`,
    });
    for (const port of [8080, 8085, 8090]) expect((await tcp(port, briefly)).result).not.toBe('open');
    expect(await forwards()).toEqual({});
  });

  test.each(['-', ':'])('a shifted range with "%s" maps port by port', async (sign) => {
    const range: Forward = {
      publicIp,
      publicPort: `9080${sign}9090`,
      privateIp: '10.1.1.10',
      privatePort: `8080${sign}8090`,
    };
    await network.addPortForward(range);
    await network.addPortForward(range);
    for (const port of [8080, 8083, 8090])
      expect(await tcp(port + 1000)).toMatchObject({ result: 'open', seen: { localPort: port } });
    for (const port of [9079, 9091]) expect((await tcp(port, briefly)).result).not.toBe('open');
    const connection = await outside.connect(publicIp, 9085, { from: internet });
    await network.deletePortForward(range);
    expect(await connection.exchange()).not.toBe('answered');
    for (const port of [9080, 9083, 9090]) expect((await tcp(port, briefly)).result).not.toBe('open');
    expect(await forwards()).toEqual({});
  });

  test('a udp range', async () => {
    const range: Forward = {
      publicIp,
      publicPort: '8080-8090',
      privateIp: '10.1.1.10',
      privatePort: '8080-8090',
      protocol: 'udp',
    };
    await network.addPortForward(range);
    expect(await outside.udp(publicIp, 8090, { from: internet })).toMatchObject({
      result: 'open',
      seen: { localPort: 8090 },
    });
    expect((await tcp(8090, briefly)).result).not.toBe('open');
    await network.deletePortForward(range);
    expect((await outside.udp(publicIp, 8090, { from: internet, ...briefly })).result).not.toBe('open');
  });

  test('a range of one port, and the highest port to the lowest', async () => {
    const one: Forward = { publicIp, publicPort: '3000-3000', privateIp: '10.1.1.10', privatePort: '3000-3000' };
    const far: Forward = { publicIp, publicPort: 65535, privateIp: '10.1.1.10', privatePort: 1 };
    await network.addPortForward(one);
    await network.addPortForward(far);
    expect(await tcp(3000)).toMatchObject({ result: 'open', seen: { localPort: 3000 } });
    expect(await tcp(65535)).toMatchObject({ result: 'open', seen: { localPort: 1 } });
    await network.deletePortForward(one);
    await network.deletePortForward(far);
    expect(await forwards()).toEqual({});
  });

  test.each([
    ['8080-8090', '8080-8089'],
    ['8080-8090', '80'],
    ['8080:8090', '9000:9011'],
  ])('ranges of unequal length are an error: %s to %s', async (publicPort, privatePort) => {
    const before = await takeSnapshot(host);
    const answer = await host.call('add-port-forward', network.forwardOptions({ ...single, publicPort, privatePort }));
    expect(answer).toMatchObject({ exit: 1, stdout: '' });
    expect(answer.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(answer.stderr).toContain('port');
    expect(answer.stderr).toContain(privatePort);
    expect(await takeSnapshot(host)).toEqual(before);
  });
});
