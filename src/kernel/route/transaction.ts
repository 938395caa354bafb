import type { Operation } from '../operation.js';
import { type Address, addAddress, deleteAddress, replaceAddress } from './address.js';
import { addLink, changeLink, deleteLink, type LinkChange, type LinkReference, type NewLink } from './link.js';
import { addNamespaceId, type NamespaceId } from './namespace-id.js';
import { addNeighbour, deleteNeighbour, type Neighbour, replaceNeighbour } from './neighbour.js';
import { addRoute, deleteRoute, type Route, replaceRoute } from './route.js';
import { addRule, deleteRule, type PolicyRule } from './rule.js';

/**
 * Collects rtnetlink operations in order; nothing is sent. They travel in one send, but rtnetlink is not atomic: an operation that
 * fails does not keep the later ones from happening. The error says which of them failed.
 *
 * ```ts
 * await socket.run(
 *   new RouteTransaction()
 *     .add({ object: 'link', name: 'br0', kind: { kind: 'bridge' }, up: true })
 *     .add({ object: 'address', link: 4, address: '192.0.2.1', prefix: 24 }),
 * );
 * ```
 */
export class RouteTransaction {
  readonly operations: Operation[] = [];

  /** Collects operations that exist already. */
  static of(operations: readonly Operation[]): RouteTransaction {
    const transaction = new RouteTransaction();
    transaction.operations.push(...operations);
    return transaction;
  }

  /** Makes an object that must not exist (EEXIST). */
  add(object: NewLink | Address | Route | PolicyRule | Neighbour | NamespaceId): this {
    switch (object.object) {
      case 'link':
        return this.#push(addLink(object));
      case 'address':
        return this.#push(addAddress(object));
      case 'route':
        return this.#push(addRoute(object));
      case 'rule':
        return this.#push(addRule(object));
      case 'neighbour':
        return this.#push(addNeighbour(object));
      case 'namespaceId':
        return this.#push(addNamespaceId(object));
    }
  }

  /** Makes an object, or puts it in the place of the one that exists. */
  replace(object: Address | Route | Neighbour): this {
    switch (object.object) {
      case 'address':
        return this.#push(replaceAddress(object));
      case 'route':
        return this.#push(replaceRoute(object));
      case 'neighbour':
        return this.#push(replaceNeighbour(object));
    }
  }

  /** Changes a link that exists. */
  change(link: LinkChange): this {
    return this.#push(changeLink(link));
  }

  /** Deletes an object that exists. */
  delete(object: LinkReference | Address | Route | PolicyRule | Neighbour): this {
    switch (object.object) {
      case 'link':
        return this.#push(deleteLink(object));
      case 'address':
        return this.#push(deleteAddress(object));
      case 'route':
        return this.#push(deleteRoute(object));
      case 'rule':
        return this.#push(deleteRule(object));
      case 'neighbour':
        return this.#push(deleteNeighbour(object));
    }
  }

  #push(operation: Operation): this {
    this.operations.push(operation);
    return this;
  }
}
