import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServiceBench } from './bench.js';

describe('passwords', () => {
  let bench: ServiceBench;
  beforeEach(async () => {
    bench = await ServiceBench.open();
    bench.write('passwords', '10.1.1.1=no\n10.1.1.10=old\n10.1.1.100=other\n10.1.1.10=a=b ü\n10.1.1.12=\n');
  });
  afterEach(() => bench.close());

  const say = async (request: string | undefined, method = 'GET') =>
    (await bench.get('/', request === undefined ? {} : { DomU_Request: request }, { method, service: 'password' }))
      .body;

  it('are told to whom they belong, the last one counts', async () => {
    expect(await say('send_my_password')).toBe(Buffer.from('a=b ü').toString('latin1'));
    bench.guest = '10.1.1.11';
    expect(await say('send_my_password')).toBe('saved_password');
    bench.guest = '10.1.1.12';
    expect(await say('send_my_password')).toBe('saved_password');
  });

  it('are forgotten when the guest says so, if there is one', async () => {
    expect(await say('saved_password')).toBe('saved_password');
    expect(bench.forgotten).toEqual(['10.1.1.10']);
    bench.guest = '10.1.1.11';
    expect(await say('saved_password')).toBe('saved_password');
    expect(bench.forgotten).toEqual(['10.1.1.10']);
  });

  it('are told for no other request', async () => {
    for (const request of [undefined, '', 'SEND_MY_PASSWORD', 'send_my_password, saved_password', 'x'])
      expect(await say(request)).toBe('bad_request');
    expect(bench.forgotten).toEqual([]);
  });

  it('are told to old clients, too', async () => {
    expect(await bench.raw('GET / HTTP/1.0\r\nDomU_Request: send_my_password\r\n\r\n', 'password')).toMatch(
      /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\na=b /s,
    );
  });

  it('there are none without a file', async () => {
    bench.guest = '10.1.1.99';
    expect(await say('send_my_password')).toBe('saved_password');
    expect(bench.reports).toEqual([]);
  });
});
