// A table with one data map, as the tests of transactions use it.
import type { Operation } from '../../../src/kernel/native.js';
import { NLM_F_CREATE } from './scratch.js';

const NFT_SET_MAP = 8;
const TYPE_IPADDR = 7;

export function newTable(name: string): Operation {
  return { message: 'nft.table.new', flags: NLM_F_CREATE, body: { family: 'ip', name } };
}

export function newMap(table: string, name: string): Operation {
  return {
    message: 'nft.set.new',
    flags: NLM_F_CREATE,
    body: {
      family: 'ip',
      table,
      name,
      flags: NFT_SET_MAP,
      keyType: TYPE_IPADDR,
      keyLength: 4,
      dataType: TYPE_IPADDR,
      dataLength: 4,
      id: 1,
    },
  };
}

/** Elements `number → number` for the numbers from `first` on. */
export function elements(message: string, table: string, set: string, first: number, count: number): Operation {
  const keys = Buffer.alloc(4 * count);
  for (let index = 0; index < count; index += 1) keys.writeUInt32BE(first + index, 4 * index);
  return {
    message,
    flags: NLM_F_CREATE,
    body: { family: 'ip', table, set, packed: { keyLength: 4, keys, dataLength: 4, data: keys } },
  };
}
