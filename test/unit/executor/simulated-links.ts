import type { Step } from '../../../src/executor/converge.js';
import type { Operation } from '../../../src/kernel/operation.js';
import type { Link } from '../../../src/kernel/route/link.js';
import { link } from './observation.js';

type Where = Step['where'];

/** What a message about a link says, as far as it matters here. */
interface Body {
  readonly name?: string;
  readonly index?: number;
  readonly flags?: number;
  readonly master?: number;
  readonly parent?: number;
  readonly namespaceDescriptor?: number;
  readonly info?: { readonly kind: string; readonly data?: { readonly peer?: { readonly name: string } } };
}

/** The links of a host and of one namespace, changed as the kernel does it. Indexes are different everywhere, so that none is taken for another. */
export class SimulatedLinks {
  readonly #links = { host: new Map<string, Link>(), inside: new Map<string, Link>() };
  #next = 100;

  constructor(host: readonly Link[], inside: readonly Link[]) {
    for (const one of host) this.#links.host.set(one.name, one);
    for (const one of inside) this.#links.inside.set(one.name, one);
  }

  all(where: Where): Link[] {
    return [...this.#links[where].values()];
  }

  named(names: readonly string[]): Map<string, Link> {
    return new Map(this.all('host').flatMap((one) => (names.includes(one.name) ? [[one.name, one]] : [])));
  }

  /** Operations about anything else change nothing. */
  apply(where: Where, { message, verb, body }: Operation): void {
    if (message === 'link.delete') this.#delete(where, this.#find(where, body));
    else if (message === 'link.new' && verb === 'add') this.#add(body);
    else if (message === 'link.new') this.#change(where, this.#find(where, body), body);
  }

  #find(where: Where, { name, index }: Body): Link {
    const found = this.all(where).find((one) => one.index === index || one.name === name);
    if (found === undefined) throw new Error(`no link ${name ?? index} (${where})`);
    return found;
  }

  #add({ name = '', flags, master, parent, info }: Body): void {
    if (this.#links.host.has(name)) throw new Error(`link ${name} exists`);
    const peer = info?.data?.peer?.name;
    const index = this.#next++;
    const made = link(name, index, {
      up: flags === 1,
      master,
      parent,
      ...(info === undefined ? {} : { kind: info.kind }),
    });
    this.#links.host.set(name, made);
    if (peer === undefined) return;
    const other = link(peer, this.#next++, { up: false, parent: index, parentNamespaceId: 0 });
    this.#links.inside.set(peer, other);
    this.#links.host.set(name, { ...made, parent: other.index, parentNamespaceId: 7 });
  }

  #change(where: Where, found: Link, { flags, master, namespaceDescriptor }: Body): void {
    const changed = {
      ...found,
      ...(flags === undefined ? {} : { up: flags === 1 }),
      ...(master === undefined ? {} : { master: master === 0 ? undefined : master }),
    };
    this.#links[where].set(found.name, changed);
    if (namespaceDescriptor === undefined) return;
    // Only ever from the host into the namespace: the link has another index there, and its other end says so.
    const index = this.#next++;
    this.#links.host.delete(found.name);
    this.#links.inside.set(found.name, { ...changed, index, up: false, master: undefined, parentNamespaceId: 0 });
    for (const end of this.all('host')) {
      if (end.index === found.parent) this.#links.host.set(end.name, { ...end, parent: index, parentNamespaceId: 7 });
    }
  }

  /** A pair goes as a whole. */
  #delete(where: Where, found: Link): void {
    this.#links[where].delete(found.name);
    for (const side of ['host', 'inside'] as const) {
      for (const end of this.all(side)) {
        if (end.kind === 'veth' && end.parent === found.index) this.#links[side].delete(end.name);
      }
    }
  }
}
