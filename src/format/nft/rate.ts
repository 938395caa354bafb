import type { Rate } from '../../kernel/nft/rate.js';

/** Bytes in the largest unit nft has that says them exactly: `10 kbytes`. */
export function bytesInUnits(bytes: number): string {
  if (bytes > 0 && bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20} mbytes`;
  if (bytes > 0 && bytes % 2 ** 10 === 0) return `${bytes / 2 ** 10} kbytes`;
  return `${bytes} bytes`;
}

/** A rate: `rate over 10/second burst 20 packets`. A burst that nft takes for granted is left out. */
export function rateText({ rate, of = 'packets', per, burst, over }: Rate): string {
  const start = `rate ${over === true ? 'over ' : ''}`;
  if (of === 'bytes') {
    const after = burst === undefined || burst === 0 ? '' : ` burst ${bytesInUnits(burst)}`;
    return `${start}${bytesInUnits(rate)}/${per}${after}`;
  }
  const after = burst === undefined || burst === 0 || burst === 5 ? '' : ` burst ${burst} packets`;
  return `${start}${rate}/${per}${after}`;
}

/** A quota: `over 1 mbytes used 2 kbytes`. */
export function quotaText({ bytes, over, used }: { bytes: number; over?: boolean; used?: number }): string {
  const passed = used === undefined || used === 0 ? '' : ` used ${bytesInUnits(used)}`;
  return `${over === true ? 'over ' : ''}${bytesInUnits(bytes)}${passed}`;
}
