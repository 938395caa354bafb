import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FoundPlace, findPlaces } from '../../../src/services/find-places.js';

describe('networks that have something to tell their guests', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'state-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (files: Readonly<Record<string, string>>) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
  };
  const found = async () => {
    const places: FoundPlace[] = [];
    for await (const place of findPlaces(root)) places.push(place);
    return places.sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  };
  const network = (id: number, extensionIp = '') => ({
    [`network-${id}/gateway`]: `10.1.${id}.1\n`,
    [`network-${id}/cidr`]: `10.1.${id}.0/24\n`,
    [`network-${id}/extension-ip`]: `${extensionIp}\n`,
  });
  const served = (id: number, address = `10.1.${id}.1`) => ({
    id: String(id),
    address,
    cidr: { address: `10.1.${id}.0`, prefix: 24 },
  });

  it('are found as networks, and as tiers of their VPC', async () => {
    write({
      ...network(5),
      'network-5/metadata/10.1.5.10/latest/user-data': 'x',
      ...network(6, '10.1.6.2'),
      'network-6/passwords': '10.1.6.10=x\n',
      'network-6/namespace': 'my-own\n',
      ...network(7),
      ...network(51),
      'network-51/metadata/10.1.51.10/latest/user-data': 'x',
      ...network(52),
      'vpc-9/tiers/51': '',
      'vpc-9/tiers/52': '',
      'vpc-8/tiers/53': '',
    });
    expect(await found()).toEqual([
      { id: { kind: 'network', id: '5' }, namespace: 'cs-net-5', networks: [served(5)] },
      { id: { kind: 'vpc', id: '9' }, namespace: 'cs-vpc-9', networks: [served(51)] },
      { id: { kind: 'network', id: '6' }, namespace: 'my-own', networks: [served(6, '10.1.6.2')] },
    ]);
  });

  it('are not found in what is damaged or not ours', async () => {
    write({
      'network-5/passwords': '',
      'network-5/cidr': 'nonsense',
      'network-5/gateway': '10.1.5.1\n',
      'network-x/passwords': '',
      'network-6/passwords/x': '',
      'network-7': 'a file',
      'vpc-9': 'a file',
    });
    expect(await found()).toEqual([]);
    rmSync(root, { recursive: true });
    expect(await found()).toEqual([]);
    mkdirSync(root);
  });
});
