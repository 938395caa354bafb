import type { Kernel } from '../../../src/executor/kernel.js';
import type { MetadataStore } from '../../../src/vpcctl/metadata/store.js';

/** How a call ends before its time: nothing it asks for happens any more; or one thing fails and the rest goes on. */
export type End = 'killed' | 'refused';

type Methods = Record<PropertyKey, unknown>;

/**
 * Stands between vpcctl and the kernel and the metadata. Each thing that is asked for is a point, and at one of them the call ends. What is done
 * before is real.
 */
export class MortalHost {
  points = 0;
  #deadAt = Number.POSITIVE_INFINITY;
  #end: End = 'killed';

  /** From now on points are counted. @param point the one at which the call ends */
  arm(point: number, end: End): void {
    this.points = 0;
    this.#deadAt = point;
    this.#end = end;
  }

  kernel(real: Kernel): Kernel {
    // Locks of a process that was killed are let go of by the system; this one goes on.
    return this.#guarded(real, ['tryLock', 'isNamespace', 'identifyNamespace', 'openNamespace', 'close']);
  }

  store(real: MetadataStore): MetadataStore {
    return this.#guarded(real, ['locked', 'names', 'directory']);
  }

  #guarded<Guarded extends object>(real: Guarded, free: readonly PropertyKey[]): Guarded {
    return new Proxy(real, {
      get: (target, name) => {
        const value: unknown = (target as Methods)[name];
        if (typeof value !== 'function' || name === 'then') return value;
        const call = (...parameters: unknown[]) => {
          if (!free.includes(name)) this.#pass(String(name));
          const result: unknown = value.apply(target, parameters);
          if (name !== 'openRoute' && name !== 'openNetfilter') return result;
          return (result as Promise<object>).then((socket) => this.#guarded(socket, free));
        };
        return call;
      },
    });
  }

  #pass(what: string): void {
    const point = this.points++;
    if (point === this.#deadAt || (this.#end === 'killed' && point > this.#deadAt))
      throw new Error(`${this.#end} at ${what}`);
  }
}
