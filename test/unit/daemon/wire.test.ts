import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Invocation } from '../../../src/contract/invocation.js';
import {
  decodePayload,
  decodeReply,
  encodeReply,
  encodeRequest,
  maximumPayload,
  RequestReader,
  WireError,
} from '../../../src/daemon/wire.js';

const invocation: Invocation = {
  program: '/etc/cloudstack/extensions/net/net-wrapper.sh',
  directory: '/root',
  arguments: ['assign-ip', '--network-id', '42', '', 'ümlaut\n'],
  environment: { CS_NETWORK_EXTENSION_DETAILS: '{}' },
};

const invocations: fc.Arbitrary<Invocation> = fc.record({
  program: fc.constant('/x/ext/ext-wrapper.sh'),
  directory: fc.constant('/somewhere'),
  arguments: fc.array(fc.string({ unit: 'grapheme' })),
  environment: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), {
    noNullPrototype: true,
  }),
});

function read(bytes: Buffer): Invocation | undefined {
  return new RequestReader().push(bytes);
}

describe('request', () => {
  it('has the bytes the native client sends', () => {
    const bytes = encodeRequest({ program: '/p', directory: '/', arguments: ['a'], environment: {} });
    expect(bytes.toString('hex')).toBe(
      ['43534e31', '18000000', '020000002f70', '010000002f', '01000000', '0100000061', '00000000'].join(''),
    );
  });

  it('comes back whatever the pieces it arrives in', () => {
    fc.assert(
      fc.property(invocations, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sent, sizes) => {
        const bytes = encodeRequest(sent);
        const reader = new RequestReader();
        let received: Invocation | undefined;
        for (let offset = 0, turn = 0; offset < bytes.length; turn++) {
          expect(received).toBeUndefined();
          const size = sizes[turn % sizes.length] ?? 1;
          received = reader.push(bytes.subarray(offset, offset + size));
          offset += size;
        }
        expect(received).toEqual(sent);
      }),
    );
  });

  it('names the program by a clean absolute path', () => {
    const bytes = encodeRequest({ ...invocation, program: '/etc/ext/./x/../net/net-wrapper.sh' });
    expect(read(bytes)?.program).toBe('/etc/ext/net/net-wrapper.sh');
  });

  it('is refused at the first wrong byte', () => {
    expect(() => read(Buffer.from('C'))).not.toThrow();
    expect(() => read(Buffer.from('CX'))).toThrow(/does not begin with CSN1/);
    expect(() => read(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toThrow(WireError);
  });

  it('is refused when it announces more than the limit, before it is there', () => {
    const header = Buffer.alloc(8);
    header.write('CSN1', 'latin1');
    header.writeUInt32LE(maximumPayload + 1, 4);
    expect(() => read(header)).toThrow(`the request is ${maximumPayload + 1} bytes long`);
    header.writeUInt32LE(maximumPayload, 4);
    expect(read(header)).toBeUndefined();
  });

  it('is refused with anything behind it', () => {
    expect(() => read(Buffer.concat([encodeRequest(invocation), Buffer.from('x')]))).toThrow(/followed by 1 bytes/);
  });

  it('is refused when its payload was cut anywhere', () => {
    const payload = encodeRequest(invocation).subarray(8);
    for (let length = 0; length < payload.length; length++) {
      expect(() => decodePayload(payload.subarray(0, length)), `${length} bytes`).toThrow(WireError);
    }
  });

  it('is refused when it announces more arguments than it can hold', () => {
    const payload = encodeRequest({ ...invocation, arguments: [], environment: {} }).subarray(8);
    payload.writeUInt32LE(0xffffffff, payload.length - 8);
    expect(() => decodePayload(payload)).toThrow(/announces 4294967295 arguments/);
  });

  it('is refused when text is not UTF-8, naming the place', () => {
    const payload = encodeRequest({ ...invocation, arguments: ['ok', 'Z'], environment: {} }).subarray(8);
    payload[payload.indexOf('Z')] = 0xff;
    expect(() => decodePayload(payload)).toThrow('argument 2 is not valid UTF-8');
  });

  it('gives an invocation or a WireError for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodePayload(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});

describe('reply', () => {
  it('has the bytes the native client reads', () => {
    const bytes = encodeReply({ exitCode: 3, stdout: 'hi', stderr: 'é' });
    expect(bytes.toString('hex')).toBe(['01020000006869', '0202000000c3a9', '030100000003'].join(''));
  });

  it('comes back', () => {
    const result = { exitCode: 255, stdout: 'x'.repeat(100_000), stderr: 'no\n' };
    expect(decodeReply(encodeReply(result))).toEqual(result);
  });

  it.each([-1, 256, 1.5, Number.NaN])('makes exit code %s a failure', (exitCode) => {
    expect(decodeReply(encodeReply({ exitCode, stdout: '', stderr: '' })).exitCode).toBe(1);
  });

  it('is refused when it was cut anywhere, or holds what does not belong there', () => {
    const bytes = encodeReply({ exitCode: 0, stdout: 'hello', stderr: '' });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeReply(bytes.subarray(0, length))).toThrow(WireError);
    }
    expect(() => decodeReply(Buffer.concat([Buffer.from([9, 0, 0, 0, 0]), bytes]))).toThrow('frame of kind 9');
  });
});
