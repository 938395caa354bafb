import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GuestServices } from '../../../src/services/guest-services.js';
import type { ServedPlace } from '../../../src/services/served-place.js';

const place: ServedPlace = {
  extension: 'test',
  root: '/nowhere',
  id: { kind: 'vpc', id: '9' },
  namespace: 'cs-vpc-9',
  identity: { device: 1, inode: 1 },
  networks: [
    { id: '51', address: '10.9.1.1', cidr: { address: '10.9.1.0', prefix: 24 } },
    { id: '52', address: '10.9.2.1', cidr: { address: '10.9.2.0', prefix: 24 } },
  ],
};

describe('sockets that cannot be opened', () => {
  const asked: string[] = [];
  const reports: string[] = [];
  let code = 'EADDRINUSE';
  let services: GuestServices;

  beforeEach(() => {
    vi.useFakeTimers();
    asked.length = 0;
    reports.length = 0;
    code = 'EADDRINUSE';
    services = new GuestServices({
      listen: async (namespace, { address, port }) => {
        asked.push(`${namespace} ${address}:${port}`);
        throw Object.assign(new Error('no'), { code });
      },
      forgetPassword: async () => undefined,
      settled: async () => undefined,
      report: (line) => void reports.push(line),
    });
  });
  afterEach(async () => {
    await services.close();
    vi.useRealTimers();
  });

  const endpoints = ['10.9.1.1:80', '10.9.2.1:80', '169.254.169.254:80', '10.9.1.1:8080', '10.9.2.1:8080'];
  const all = endpoints.map((endpoint) => `cs-vpc-9 ${endpoint}`);

  it('are one for each tier and service, and one for the address of all', async () => {
    await services.serve(place);
    expect(asked).toEqual(all);
    expect(services.networks).toBe(0);
    expect(services.serves('test', place.id)).toBe(true);
  });

  it('are reported once, and tried again ever more rarely', async () => {
    await services.serve(place);
    const times: number[] = [];
    for (let second = 1; second <= 300; second++) {
      const before = asked.length;
      await vi.advanceTimersByTimeAsync(1000);
      if (asked.length > before) times.push(second);
    }
    expect(times).toEqual([1, 3, 7, 15, 31, 63, 123, 183, 243]);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatch(
      /^cs-vpc-9: guests cannot be served on 10\.9\.1\.1:80 \(EADDRINUSE\), .*; it is tried again$/,
    );
  });

  it('of an address that is missing are no complaint: the next command brings it', async () => {
    code = 'EADDRNOTAVAIL';
    await services.serve(place);
    expect(reports).toEqual([]);
    asked.length = 0;
    await services.serve(place);
    expect(asked).toEqual(all);
  });

  it('are not tried any more when the network has ended', async () => {
    await services.serve(place);
    services.endGone('cs-vpc-9', () => true);
    expect(services.serves('test', place.id)).toBe(true);
    services.endGone('cs-vpc-9', () => false);
    asked.length = 0;
    await vi.advanceTimersByTimeAsync(100_000);
    expect(asked).toEqual([]);
    expect(services.serves('test', place.id)).toBe(false);
    await services.serve({ ...place, networks: [] });
    expect(asked).toEqual([]);
  });

  it('are opened anew in another namespace of the name', async () => {
    await services.serve(place);
    asked.length = 0;
    await services.serve({ ...place, identity: { device: 1, inode: 2 }, networks: place.networks.slice(0, 1) });
    expect(asked).toEqual(['10.9.1.1:80', '169.254.169.254:80', '10.9.1.1:8080'].map((one) => `cs-vpc-9 ${one}`));
  });
});
