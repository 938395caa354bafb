import { Buffer } from 'node:buffer';
import type { Machine } from '../host/machine.js';
import { patience } from '../host/patience.js';

/** What a guest got: status 0 is no answer at all. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: string;
}

/** Seconds that curl waits for all of an answer. */
const longest = String(patience(5));

/** Asks with curl as a guest does; `options` are further ones of curl. */
export async function ask(guest: Machine, url: string, options: readonly string[] = []): Promise<HttpAnswer> {
  const argv = [
    'curl',
    '--silent',
    '--show-error',
    '--include',
    '--path-as-is',
    '--max-time',
    longest,
    ...options,
    url,
  ];
  const { stdout } = await guest.run(argv);
  const end = stdout.indexOf('\r\n\r\n');
  const headers = end === -1 ? stdout : stdout.slice(0, end);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(headers)?.[1] ?? 0);
  return { status, headers, body: end === -1 ? '' : stdout.slice(end + 4) };
}

/** The body's bytes, as hexadecimal digits. */
export async function askBytes(guest: Machine, url: string): Promise<string> {
  return (
    await guest.output('sh', '-c', `curl --silent --max-time ${longest} '${url}' | od -An -v -tx1 | tr -d ' \\n'`)
  ).trim();
}

/** CloudStack's password protocol. */
export async function askPassword(guest: Machine, server: string, request: string): Promise<string> {
  return (await ask(guest, `http://${server}:8080/`, ['--header', `DomU_Request: ${request}`])).body;
}

/** One entry of vm_data as generation 1 sends it. */
export function entry(dir: string, file: string, content: string | Buffer) {
  return { dir, file, content: Buffer.from(content).toString('base64') };
}
