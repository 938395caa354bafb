/**
 * User data: bytes the kernel keeps for nft and never reads. Type-length-value with one byte each for type and length, as
 * libnftnl lays them out (include/libnftnl/udata.h: NFTNL_UDATA_*_COMMENT, NFTNL_UDATA_SET_*).
 */

/** What can have a comment, and the type its comment has. */
const commentType = { table: 0, chain: 0, rule: 0, set: 7, element: 0, object: 0 } as const;
const keyByteOrderType = 0;
const dataByteOrderType = 1;

function tlv(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2 + value.length);
  bytes[0] = type;
  bytes[1] = value.length;
  bytes.set(value, 2);
  return bytes;
}

/** A comment as nft writes it: text with its NUL. */
export function commentUserdata(on: keyof typeof commentType, comment: string): Uint8Array {
  const text = new TextEncoder().encode(`${comment}\0`);
  if (text.length > 129) throw new RangeError(`a comment takes at most 128 bytes: ${comment}`);
  return tlv(commentType[on], text);
}

/** The comment in user data. */
export function commentOf(on: keyof typeof commentType, userdata: Uint8Array | undefined): string | undefined {
  if (userdata === undefined) return undefined;
  for (let offset = 0; offset + 2 <= userdata.length; ) {
    const length = userdata[offset + 1] ?? 0;
    const value = userdata.subarray(offset + 2, offset + 2 + length);
    // A set's byte orders have types of their own; elsewhere the comment is text with its NUL.
    if (userdata[offset] === commentType[on] && value.at(-1) === 0) {
      return new TextDecoder().decode(value.subarray(0, -1));
    }
    offset += 2 + length;
  }
  return undefined;
}

function u32(number: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number, true);
  return bytes;
}

/** What nft needs to print a set's keys and a map's data: their byte orders (BYTEORDER_* of nftables). */
export function setUserdata(keyByteOrder: number, dataByteOrder: number | undefined, comment?: string): Uint8Array {
  const parts = [tlv(keyByteOrderType, u32(keyByteOrder))];
  if (dataByteOrder !== undefined) parts.push(tlv(dataByteOrderType, u32(dataByteOrder)));
  if (comment !== undefined) parts.push(commentUserdata('set', comment));
  return Buffer.concat(parts);
}
