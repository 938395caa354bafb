import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Pace } from '../../../src/services/pace.js';
import { closed, ServiceBench } from './bench.js';

describe('limits', () => {
  let bench: ServiceBench;
  afterEach(() => bench.close());

  const isOpen = async () => (await bench.get('/latest/meta-data/instance-id')).body === 'one';
  const openWith = async (limits: Parameters<typeof ServiceBench.open>[0]) => {
    bench = await ServiceBench.open(limits);
    for (const guest of ['10.1.1.10', '10.1.1.11'])
      bench.write(`metadata/${guest}/latest/meta-data/instance-id`, 'one');
  };
  const counted = async (expected: number) => {
    for (let tries = 0; bench.count.open !== expected && tries < 200; tries++) await sleep(5);
    expect(bench.count.open).toBe(expected);
  };

  it('one guest has so many connections, another one still gets in', async () => {
    await openWith({ connectionsPerGuest: 3 });
    const held = [await bench.connect(), await bench.connect(), await bench.connect('password')];
    await counted(3);
    const one = await bench.connect();
    await closed(one);
    bench.guest = '10.1.1.11';
    expect(await isOpen()).toBe(true);
    bench.guest = '10.1.1.10';
    held[0]?.destroy();
    await counted(2);
    expect(await isOpen()).toBe(true);
  });

  it('a network has so many connections', async () => {
    await openWith({ connectionsPerNetwork: 2 });
    await bench.connect();
    bench.guest = '10.1.1.11';
    await bench.connect();
    await counted(2);
    await closed(await bench.connect());
  });

  it('a request must be there in time, however it trickles', async () => {
    await openWith({ requestTime: 200 });
    const begin = performance.now();
    const socket = await bench.connect();
    socket.write('GET / HTTP/1.1\r\nName: ');
    const trickle = setInterval(() => socket.write('x'), 20);
    await closed(socket);
    clearInterval(trickle);
    expect(performance.now() - begin).toBeGreaterThan(150);
    expect(performance.now() - begin).toBeLessThan(2000);
    await counted(0);
  });

  it('a connection that is kept ends when nothing more is asked, or after its time', async () => {
    await openWith({ requestTime: 150, connectionTime: 500 });
    const request = 'GET /latest/meta-data/instance-id HTTP/1.1\r\n\r\n';
    const quiet = await bench.connect();
    quiet.resume().write(request);
    await closed(quiet);
    const busy = await bench.connect();
    const begin = performance.now();
    const asking = setInterval(() => busy.write(request), 50);
    await closed(busy.resume());
    clearInterval(asking);
    expect(performance.now() - begin).toBeGreaterThan(300);
    expect(performance.now() - begin).toBeLessThan(3000);
  });

  it('who does not take the answer is cut off', async () => {
    await openWith({ answerTime: 200 });
    bench.write('metadata/10.1.1.10/latest/user-data', Buffer.alloc(30_000_000));
    const socket = await bench.connect();
    socket.pause().write('GET /latest/user-data HTTP/1.1\r\n\r\n');
    await counted(1);
    await counted(0);
    expect(bench.reports).toEqual([]);
  });

  it('headers are so long', async () => {
    await openWith({ headerSize: 1024 });
    expect((await bench.get('/latest/', { Long: 'x'.repeat(900) })).status).toBe(200);
    expect((await bench.get('/latest/', { Long: 'x'.repeat(2000) })).status).toBe(431);
    expect((await bench.raw(`GET /${'x'.repeat(3000)} HTTP/1.1\r\n\r\n`)).slice(0, 12)).toBe('HTTP/1.1 431');
  });

  it('what is no HTTP is refused, a body is not waited for', async () => {
    await openWith({});
    expect(await bench.raw('HELO\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/);
    const begin = performance.now();
    expect(await bench.raw('POST /latest/ HTTP/1.1\r\nContent-Length: 1000000\r\n\r\nx')).toMatch(/^HTTP\/1\.1 405/);
    expect(await bench.raw('GET /latest/ HTTP/1.1\r\nContent-Length: 1000000\r\n\r\nx')).toMatch(/^HTTP\/1\.1 200/);
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  it('many requests on one connection are answered in order, up to a number', async () => {
    await openWith({ requestsPerConnection: 5 });
    const text = await bench.raw('GET /latest/meta-data/instance-id HTTP/1.1\r\n\r\n'.repeat(8));
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(5);
  });

  it('a flood waits', () => {
    const pace = new Pace({ burst: 10, rate: 100 });
    const waits = Array.from({ length: 30 }, () => pace.wait('a', 1000));
    expect(waits.slice(0, 10)).toEqual(Array(10).fill(0));
    expect(waits[29]).toBeCloseTo(200);
    expect(pace.wait('b', 1000)).toBe(0);
    expect(pace.wait('a', 2000)).toBe(0);
  });
});
