import { describe, expect, it } from 'vitest';
import type { LinkAttribute } from '../../../src/kernel/native.js';
import { processorMask, steerPackets } from '../../../src/vpcctl/kernel/packet-steering.js';

const status = (mask: string) => `Name:\tnode\nCpus_allowed:\t${mask}\nCpus_allowed_list:\t0\nMems_allowed:\t1\n`;
const failure = (code: string) => Object.assign(new Error(code), { code });

/** Links with their masks; `refusal` is what each write is answered with. */
function links(masks: Readonly<Record<string, string>>, refusal?: string) {
  const written: LinkAttribute[] = [];
  const kernel = {
    readLinkAttribute: async (_namespace: unknown, link: string) => {
      const mask = masks[link];
      if (mask === undefined) throw failure('ENOENT');
      return mask;
    },
    writeLinkAttributes: async (_namespace: unknown, attributes: readonly LinkAttribute[]) => {
      written.push(...attributes);
      if (refusal === undefined) return [];
      return attributes.map((_, index) => ({ index, code: refusal, errno: 1, syscall: 'write' }));
    },
  };
  return { kernel, written };
}

describe('packet steering', () => {
  it.each([
    ['3', '3'],
    ['ff', 'ff'],
    ['0000000f,ffffffff', '0000000f,ffffffff'],
    ['00000001,00000001', '00000001,00000001'],
    ['1', undefined],
    ['00000000,00000010', undefined],
    ['00000010,00000000', undefined],
  ])('to the processors of %s', (mask, expected) => expect(processorMask(status(mask))).toBe(expected));

  it('is set where there is none', async () => {
    const { kernel, written } = links({
      'br-one': '00000000,00000000',
      'br-two': '00000000,00000002',
      'br-three': '0',
    });
    await steerPackets(kernel, ['br-one', 'br-two', 'br-three'], '00000000,0000000f');
    const name = 'queues/rx-0/rps_cpus';
    expect(written).toEqual([
      { link: 'br-one', name, value: '00000000,0000000f' },
      { link: 'br-three', name, value: '00000000,0000000f' },
    ]);
  });

  it('is not asked for on one processor', async () => {
    const { kernel, written } = links({});
    await steerPackets(kernel, ['br-one'], undefined);
    await steerPackets({ ...kernel, readLinkAttribute: () => Promise.reject(failure('EIO')) }, [], '3');
    expect(written).toEqual([]);
  });

  it('is done without where the kernel has none or does not allow it, and nowhere else', async () => {
    const allowed = { 'br-one': '0' };
    await steerPackets(links({}).kernel, ['br-one'], '3');
    await steerPackets(links(allowed, 'EPERM').kernel, ['br-one'], '3');
    await expect(steerPackets(links(allowed, 'EINVAL').kernel, ['br-one'], '3')).rejects.toThrow(
      'queues/rx-0/rps_cpus of br-one: EINVAL; expected to be allowed to read and write it',
    );
    const broken = { ...links(allowed).kernel, readLinkAttribute: () => Promise.reject(failure('EMFILE')) };
    await expect(steerPackets(broken, ['br-one'], '3')).rejects.toThrow('rps_cpus of br-one: EMFILE');
  });
});
