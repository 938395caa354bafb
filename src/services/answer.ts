import type { Readable } from 'node:stream';

/** What a guest is answered. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Uint8Array | Readable;
}

/** Everything is plain text, whatever its bytes are. */
export const plainText = { 'Content-Type': 'text/plain' } as const;

export const notFound: Answer = { status: 404, headers: plainText, body: 'not found\n' };
