import type { Machine } from '../host/machine.js';
import { ask, type HttpAnswer } from './guest-http.js';

/** What cloud-init makes of a directory of metadata: files are texts, or lists if they have several lines. */
export type Crawled = { readonly [name: string]: string | readonly string[] | Crawled };

/** What a data source of cloud-init hands on. */
export interface Instance {
  readonly metadata: Crawled;
  readonly userData: string;
  /** What was asked, in order: method, path, status. */
  readonly asked: readonly string[];
}

/**
 * Asks as cloud-init 22.4.2 does, one question after the other on a connection each (cloudinit/sources/helpers/ec2.py,
 * cloudinit/url_helper.py); every answer that it would take for a failure is one here.
 */
export class CloudInit {
  readonly #asked: string[] = [];

  constructor(
    private readonly guest: Machine,
    private readonly server: string,
  ) {}

  /** DataSourceCloudStack: `latest`, and nothing is tried before. */
  async ofCloudStack(): Promise<Instance> {
    await this.#read('/latest/meta-data/instance-id');
    return this.#crawl('latest');
  }

  /**
   * DataSourceEc2 on a machine that is not Amazon's: it waits for the oldest version, and takes the newest of those it knows that is there.
   * Older releases ask everybody for a token first, and go on without one if they are refused.
   */
  async ofEc2(): Promise<Instance> {
    const headers = ['--header', 'X-aws-ec2-metadata-token-ttl-seconds: 21600'];
    const token = await this.#ask('/latest/api/token', 'PUT', headers);
    if (token.status < 400) throw new Error(`a token is given: ${token.status}`);
    await this.#read('/2009-04-04/meta-data/instance-id');
    for (const version of ['2021-03-23', '2018-09-24', '2016-09-02']) {
      const { status } = await this.#ask(`/${version}/meta-data/instance-id`);
      if (status === 200) return this.#crawl(version);
    }
    return this.#crawl('2009-04-04');
  }

  async #crawl(version: string): Promise<Instance> {
    const { status, body } = await this.#ask(`/${version}/user-data`);
    if (status !== 200 && status !== 404) throw new Error(`user data: ${status}`);
    const metadata = await this.#directory(`/${version}/meta-data/`);
    return { metadata, userData: status === 200 ? body : '', asked: this.#asked };
  }

  async #directory(path: string): Promise<Crawled> {
    const crawled: Record<string, Crawled[string]> = {};
    for (const line of (await this.#read(path)).split('\n').map((entry) => entry.trim())) {
      const name = line.replace(/\/$/, '');
      if (name === '' || name === 'security-credentials') continue;
      if (line.endsWith('/')) {
        crawled[name] = await this.#directory(`${path}${encodeURIComponent(name)}/`);
        continue;
      }
      // A number, `=` and a name stand for a key one level further down.
      const [, number, keyName] = /^(\d+)=(.*)$/.exec(name) ?? [];
      const file = number === undefined ? encodeURIComponent(name) : `${number}/openssh-key`;
      const text = await this.#read(`${path}${file}`);
      crawled[keyName ?? name] = text.includes('\n') ? text.replace(/\n$/, '').split('\n') : text;
    }
    return crawled;
  }

  async #read(path: string): Promise<string> {
    const { status, body } = await this.#ask(path);
    if (status !== 200) throw new Error(`GET ${path}: ${status}`);
    return body;
  }

  async #ask(path: string, method = 'GET', options: readonly string[] = []): Promise<HttpAnswer> {
    const common = ['--user-agent', 'Cloud-Init/22.4.2', '--header', 'Connection: keep-alive', '--request', method];
    const answer = await ask(this.guest, `http://${this.server}${path}`, [...common, ...options]);
    this.#asked.push(`${method} ${path} ${answer.status}`);
    return answer;
  }
}
