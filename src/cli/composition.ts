import type { Handler } from '../daemon/handler.js';
import type { PeerCredentialsReader } from '../daemon/peer.js';
import type { Capabilities } from '../daemon/status.js';
import type { DomainId } from '../model/domain.js';

/** The parts that do the work. Loaded when a command needs them only: `install` and `status` must work where the addon does not. */
export interface Host {
  readonly createHandler: () => Promise<Handler>;
  /** What is on this host of a network or VPC, as text. */
  readonly show: (extension: string, id: DomainId) => Promise<string>;
  /** Brings a state root to the shell wrapper's layout. @returns how many guests' data it was about */
  readonly unpack: (root: string) => Promise<number>;
  readonly peerCredentials: PeerCredentialsReader;
  /** Gives the kernel back what was freed outside of the JavaScript heap. */
  readonly trimMemory?: () => void;
  readonly capabilities?: () => Promise<Capabilities>;
}

/** Everything the program is put together from. */
export interface Composition {
  readonly loadHost: () => Promise<Host>;
  readonly version: string;
  /** The same as the native client's (native/client/places.h). */
  readonly socketPath: string;
  /** Holds one directory per extension. */
  readonly logDirectory: string;
  /** The file this program runs from; `install` finds what belongs to it beside it. */
  readonly bundle: string;
}
