/**
 * The typed surface of the native addon (native/addon), and how it is found.
 *
 * Everything here speaks in messages: names and members are those of the codec's schemas (native/codec). The typed objects
 * that an application wants are one layer up.
 */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One request to the kernel. */
export interface Operation {
  /** Name of the message, e.g. `link.new` or `nft.element.new`. */
  readonly message: string;
  /** `NLM_F_*` besides `NLM_F_REQUEST`, `NLM_F_ACK` and `NLM_F_DUMP`, which are set as needed. */
  readonly flags?: number;
  /** Members as in the message's schema. Bytes are any typed array, integers beyond 2^53 are BigInts. */
  readonly body: object;
}

/** One message from the kernel. */
export interface Message {
  /**
   * Its name. `unknown` when the codec has none for it; `batch.begin` and `batch.end` for the frame of a transaction. The body
   * of these is `{ type, payload }`.
   */
  readonly message: string;
  /** `NLM_F_*` of its header. */
  readonly flags: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A message that answers one operation of a batch. */
export interface Reply extends Message {
  /** Index of the operation. */
  readonly operation: number;
}

/** A message as {@link NativeAddon.decode} shows it. */
export interface DecodedMessage extends Message {
  /** `nlmsg_type` */
  readonly type: number;
  /** `nlmsg_seq` */
  readonly sequence: number;
}

/** What the kernel had against a request (extended acknowledgement, linux/netlink.h `NLMSGERR_ATTR_*`). */
export interface KernelRefusal {
  /** Positive, as in errno.h. */
  readonly errno: number;
  /** E.g. `EEXIST`. */
  readonly code: string;
  /** The kernel's words, or empty. */
  readonly text: string;
  /** Dotted path of the attribute that the kernel points at, or empty. */
  readonly attribute: string;
  /** Dotted path of an attribute that the kernel missed, or empty. */
  readonly missing: string;
}

/** What the kernel had against one operation of a batch. */
export interface OperationError extends KernelRefusal {
  /** Index of the operation; -1 = the frame of the transaction (`EPERM`, `ERESTART` for another generation, `ENOMEM`, …). */
  readonly operation: number;
}

export interface BatchResult {
  /** Every operation that failed, in order. Empty = all of them were carried out (unless `unknownOutcome`). */
  readonly errors: readonly OperationError[];
  /** Echoes (`NLM_F_ECHO`) and answers to get requests. */
  readonly replies: readonly Reply[];
  /** Whether the operations were carried out cannot be told: read back. */
  readonly unknownOutcome: boolean;
  /** The kernel's receive buffer overflowed (`ENOBUFS`): `errors` and `replies` may lack some. */
  readonly overrun: boolean;
  /** From before the send until the last answer was read. */
  readonly kernelNanoseconds: number;
}

export interface RequestOptions {
  /** Milliseconds from the moment a worker takes the request on; 10,000 by default. */
  readonly timeout?: number;
}

export interface BatchOptions extends RequestOptions {
  /** All or nothing: between `NFNL_MSG_BATCH_BEGIN` and `NFNL_MSG_BATCH_END`. */
  readonly nftables?: boolean;
  /** Only if the rule set is still of this generation; else nothing happens, and the frame's error is `ERESTART`. */
  readonly generation?: number;
  /** Ask for each created object back, as the kernel sees it (`NLM_F_ECHO`). */
  readonly echo?: boolean;
}

export interface EncodeOptions {
  readonly nftables?: boolean;
  readonly generation?: number;
  readonly echo?: boolean;
  /** `NLM_F_ACK` on the last operation; true by default. */
  readonly acknowledge?: boolean;
  /** `nlmsg_seq` of the first message; 1 by default. */
  readonly sequence?: number;
}

/** An error of the transport or of a system call. */
export interface SystemError extends Error {
  /** E.g. `ETIMEDOUT`, `EBADF` for a closed socket, `ECANCELED` when the environment ends. */
  readonly code: string;
  /** Positive, as in errno.h. */
  readonly errno: number;
  readonly syscall: string;
  readonly path?: string;
  /** Of a batch: it was sent, and whether it was carried out cannot be told. */
  readonly unknownOutcome?: boolean;
}

/** Thrown, before anything is sent, for a value that cannot be encoded. */
export interface EncodeError extends Error {
  readonly code: 'ERR_NETLINK_ENCODE';
  /** Index of the operation. */
  readonly operation: number;
  /** Dotted path of the member. */
  readonly path: string;
  readonly problem: string;
}

/** What tells one network namespace from another while it lives. */
export interface NamespaceIdentity {
  readonly device: number;
  readonly inode: number;
}

/** A name in /run/netns, the path of a namespace file (anything with a `/`), or an open descriptor; undefined = our own. */
export type NamespaceReference = string | number | undefined;

/**
 * A netlink socket inside a network namespace. The work is done by threads of the addon's own; requests of one socket run
 * one after the other, in the order of the calls.
 *
 * An answer that comes within some microseconds is returned as it is, without a promise: `await` takes both.
 */
export interface NativeSocket {
  /** The namespace it lives in. */
  readonly namespace: NamespaceIdentity;
  readonly closed: boolean;
  /**
   * All operations in one send. Encodes at once: throws an {@link EncodeError} before anything is sent. Rejects with a
   * {@link SystemError} for the transport only; what the kernel refuses is in the result.
   */
  batch(operations: readonly Operation[], options: BatchOptions): BatchResult | Promise<BatchResult>;
  /** One request and its answers, never in a transaction. */
  get(operation: Operation, options: RequestOptions): BatchResult | Promise<BatchResult>;
  /** A batch that is encoded already ({@link NativeAddon.encode}, with its acknowledgement). A TypeError for cut bytes. */
  transmit(bytes: Uint8Array, options: RequestOptions): BatchResult | Promise<BatchResult>;
  /**
   * A consistent dump: repeated while something changes under it, ten times at most (`EINTR` then). Rejects with a
   * {@link SystemError} that is a {@link KernelRefusal} too when the kernel refuses it.
   */
  dump(operation: Operation, options: RequestOptions): readonly Message[] | Promise<readonly Message[]>;
  /** After the requests that are under way. Later ones fail with `EBADF`. */
  close(): Promise<void>;
}

export interface NativeSocketClass {
  open(protocol: 'route' | 'netfilter', namespace: NamespaceReference): Promise<NativeSocket>;
}

export interface Sysctl {
  /** `net.ipv4.ip_forward` or `net/ipv4/conf/eth1.100/rp_filter`, read as sysctl(8) reads it. */
  readonly name: string;
  readonly value: string;
}

/** An attribute of a link below `/sys/class/net`. */
export interface LinkAttribute {
  /** Name of the link, in the namespace. */
  readonly link: string;
  /** `queues/rx-0/rps_cpus` */
  readonly name: string;
  readonly value: string;
}

/** A port of a bridge that takes part in a short cut. */
export interface ShortCutMember {
  /** Index of the port, the end of a veth pair whose other end is in another namespace. */
  readonly interface: number;
  /** Of that other end. */
  readonly hardwareAddress: string;
}

/** One item of a list that failed while the others did not. */
export interface ItemFailure {
  readonly index: number;
  readonly errno: number;
  readonly code: string;
  readonly syscall: string;
}

export interface Announcement {
  /** Index of the interface, in the namespace. */
  readonly interface: number;
  /** IPv4. */
  readonly address: string;
  /** The interface's own by default. */
  readonly hardwareAddress?: string;
  /** `request` (default) is the announcement of RFC 5227, `reply` an unsolicited reply. */
  readonly form?: 'request' | 'reply' | 'both';
}

export interface ListenOptions {
  /** IPv4 or IPv6 text. */
  readonly address: string;
  /** 0 = one the kernel chooses. */
  readonly port: number;
  /** 511 by default. */
  readonly backlog?: number;
}

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Files below a directory, packed: thousands of objects would take longer to read than the files to write. */
export interface FileBatch {
  /** Absolute path of the directory. */
  readonly root: string;
  /** Relative to it, joined by NUL. Symbolic links are not followed. */
  readonly paths: string;
  /** One after the other, in the order of the paths. */
  readonly contents: Uint8Array;
  /** Bytes of each content. */
  readonly sizes: Uint32Array;
}

export type ColumnKind = 'text' | 'integer' | 'networks';

/** A wanted member of the objects of a JSON list. */
export interface WantedColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Whether an object without the member, or with null, is declined. */
  readonly isRequired: boolean;
}

export interface NetworkColumn {
  /** Where a row's networks begin; one more than rows. Rows without the member, with null or with [] have none. */
  readonly starts: Uint32Array;
  /** IPv4 address with host bits cleared; where the prefix is 255, the place of the text in `texts`. */
  readonly addresses: Uint32Array;
  /** 0–32, or 255 for what is no plain IPv4 network. */
  readonly prefixes: Uint8Array;
}

/** What is in a column, by its kind. */
export interface ColumnContent {
  /** Places in `texts`, -1 for none. */
  readonly text: Int32Array;
  /** NaN for none. All safe integers have room here, so that whoever refuses one can say which. */
  readonly integer: Float64Array;
  readonly networks: NetworkColumn;
}

/** A JSON list of objects as columns. */
export interface ListedRows {
  readonly count: number;
  /** Each different text once, in no particular order. */
  readonly texts: readonly string[];
  /** As they were asked for. */
  readonly columns: readonly ColumnContent[ColumnKind][];
  /** Where the list is in the document: bytes from its bracket to behind the other one. */
  readonly listStart: number;
  readonly listEnd: number;
}

export interface Configuration {
  /** Most worker threads of this environment; 4 by default. */
  readonly threads?: number;
  /** Microseconds for which a worker that has just worked looks for more before it sleeps; 50, or 0 on one processor. */
  readonly workerSpin?: number;
  /** Microseconds for which the caller of a small request looks on before it gets a promise; 40, or 0 on one processor. */
  readonly attention?: number;
}

export interface NativeAddon {
  readonly NativeSocket: NativeSocketClass;
  /** The exact bytes of a batch, without sending them. Throws an {@link EncodeError}. */
  encode(operations: readonly Operation[], options?: EncodeOptions): Uint8Array;
  /** The messages of a datagram. Never fails: what cannot be read is left out or kept as bytes. */
  decode(bytes: Uint8Array): readonly DecodedMessage[];
  /** As `ip netns add`. `EEXIST` when the name is taken, `EINVAL` for what cannot be a file's name. */
  createNamespace(name: string): Promise<void>;
  /** A namespace without a name: an open descriptor of it. It goes with the last descriptor and socket in it; the caller closes. */
  createUnnamedNamespace(): Promise<number>;
  /** As `ip netns delete`; also takes away the plain file of an interrupted creation. `ENOENT` when there is none. */
  deleteNamespace(name: string): Promise<void>;
  /** As `ip netns list`, sorted. */
  listNamespaces(): Promise<readonly string[]>;
  /** Whether it is a real namespace, mounted; synchronous. */
  isNamespace(namespace: string): boolean;
  /** Synchronous; throws a {@link SystemError}, `EINVAL` when it is no namespace. */
  identifyNamespace(namespace: NamespaceReference): NamespaceIdentity;
  /** Writes all of them; tells which ones failed. Rejects when the namespace cannot be entered. */
  writeSysctls(namespace: NamespaceReference, sysctls: readonly Sysctl[]): Promise<readonly ItemFailure[]>;
  /** Without the final newline. */
  readSysctl(namespace: NamespaceReference, name: string): Promise<string>;
  /**
   * Writes all of them, whatever namespace the links at /sys are of; tells which ones failed. Rejects when the namespace cannot be entered,
   * or when sysfs cannot be mounted (`EPERM`).
   */
  writeLinkAttributes(
    namespace: NamespaceReference,
    attributes: readonly LinkAttribute[],
  ): Promise<readonly ItemFailure[]>;
  /** Without the final newline. Rejects with `ENOENT` when there is no such link, or the kernel does not have the attribute. */
  readLinkAttribute(namespace: NamespaceReference, link: string, name: string): Promise<string>;
  /**
   * The program of a short cut, to be made a filter at the ingress of a bridge's ports: frames for the hardware addresses of its members go
   * from port to port past the bridge. Whatever filters the bridge's frames does not see these.
   *
   * @param id the kernel's number of a program that is there; a new one, without members, when it is undefined
   * @returns a descriptor; the caller closes it. Rejects with `EPERM` or `ENOSYS` where programs may not be loaded, `ENOENT` for an id that is none.
   */
  openShortCut(id?: number): Promise<number>;
  /**
   * Enters ports with who is behind them; nothing is learned from frames. Those of ports that are gone make room when it is needed.
   *
   * @param descriptor of a short cut's program
   */
  enterShortCut(namespace: NamespaceReference, descriptor: number, members: readonly ShortCutMember[]): Promise<void>;
  /** Sends each gratuitous ARP once; tells which ones failed. Repeating them is the caller's. */
  announceAddresses(
    namespace: NamespaceReference,
    announcements: readonly Announcement[],
  ): Promise<readonly ItemFailure[]>;
  /** flock(2) exclusive without waiting: whether the open file's lock is ours now. Held until its descriptors are closed. */
  tryLock(descriptor: number): boolean;
  /** Who is at the other end of a unix socket (`SO_PEERCRED`). */
  peerCredentials(descriptor: number): PeerCredentials;
  /** The descriptor of a TCP socket that listens inside the namespace, for `server.listen({ fd })`. The caller closes it. */
  listen(namespace: NamespaceReference, options: ListenOptions): Promise<number>;
  /**
   * Makes files, 0600, and the directories that are missing on their way, 0700. Rejects with `EEXIST` when one of the files is there; then, and
   * after any other failure, those before it stay.
   *
   * @param flush whether all of it is on disk afterwards
   */
  buildFiles(batch: FileBatch, flush: boolean): Promise<void>;
  /** What is there: a byte for each file, 0 for nothing, 1 for a file with this content, 2 for anything else. */
  compareFiles(batch: FileBatch): Promise<Uint8Array>;
  /**
   * Takes files away, symbolic links as well; contents do not count. A byte for each: 0 there was nothing, 1 it is gone, 2 it is a directory, which
   * stays. After a failure those before it are gone.
   */
  removeFiles(batch: FileBatch): Promise<Uint8Array>;
  /** Has files and directories on disk; those that are not there are left out, and contents do not count. */
  flushFiles(batch: FileBatch): Promise<void>;
  /**
   * Reads a JSON list of objects, synchronously (1 ms for each megabyte). What is read has the meaning that `JSON.parse` gives it.
   *
   * @param json UTF-8
   * @param list member of the document's object that has the list; undefined: the document is the list
   * @param columns up to 64
   * @returns undefined for what is no JSON, not what was asked for, or unusual: escapes, other letters than ASCII or a number that is not
   * spelled as a whole one in what is wanted, a wanted member twice, more than 64 levels in what is not wanted
   */
  readRows(json: Uint8Array, list: string | undefined, columns: readonly WantedColumn[]): ListedRows | undefined;
  configure(configuration: Configuration): void;
  /** Gives the kernel back what the process has freed; the more there is, the longer it takes (some 10 ms for 100 MB). */
  trimMemory(): void;
}

const addonFile = 'cloudstack-netns.node';

/** Where the addon may lie below `directory`, the most specific place first. */
function places(directory: string): string[] {
  const prebuilds = join(directory, 'prebuilds', `${process.platform}-${process.arch}`);
  const prebuilt = existsSync(prebuilds) ? readdirSync(prebuilds).filter((file) => file.endsWith('.node')) : [];
  return [
    join(directory, addonFile),
    join(directory, 'build', 'Release', addonFile),
    ...prebuilt.sort().map((file) => join(prebuilds, file)),
  ];
}

/**
 * Loads the addon: beside this file (a bundle is installed with the addon next to it), then build/ and prebuilds/ beside it
 * and above it, then as node-gyp-build finds it at the package's root.
 */
export function loadAddon(here: string = dirname(fileURLToPath(import.meta.url))): NativeAddon {
  const require = createRequire(import.meta.url);
  const problems: string[] = [];
  for (const file of [here, resolve(here, '..'), resolve(here, '..', '..')].flatMap(places)) {
    if (!existsSync(file)) continue;
    try {
      return require(file) as NativeAddon;
    } catch (error) {
      problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  try {
    // Not an import: a bundle must not take it in, and works without it.
    const nodeGypBuild = require('node-gyp-build') as (directory: string) => NativeAddon;
    return nodeGypBuild(resolve(here, '..', '..'));
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  throw new Error(
    `the native addon of cloudstack-netns cannot be loaded for ${process.platform}-${process.arch}, Node ${process.version}. ` +
      `Build it with "npx node-gyp rebuild" in the package's directory. Tried:\n  ${problems.join('\n  ')}`,
  );
}

export const native: NativeAddon = loadAddon();
