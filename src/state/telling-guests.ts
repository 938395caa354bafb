import { readdirSync } from 'node:fs';
import { kindOf } from './confined-path.js';
import type { FileBatches } from './file-batches.js';
import type { GuestEdit, OtherGuest, ToldGuest } from './file-edit.js';
import { encodeBlock, type ToldFile } from './guest-block.js';
import { identityFile, identityOf } from './guest-identity.js';
import { encodePack, type PackedGuest } from './guest-pack.js';
import { guestDirectory, metadataDirectory, networkDirectory, packFile } from './layout.js';
import { type Pack, withPack, withWholePack } from './pack-file.js';
import type { PlainEdit } from './resolve-edits.js';

/** A guest with more bytes than these has a directory of its own, so that a pack's block can be read at once. */
const mostPacked = 64 * 1024;

/** For more guests than these the directory of all is listed instead of looking for each. */
const few = 16;

/** What edits about guests come down to, given what is there: a value, made by {@link TellingGuests.look}. */
export class TellingGuests {
  private constructor(private readonly networks: ReadonlyMap<string, NetworkGuests>) {}

  /** Looks at all that they depend on. @throws StateError */
  static async look(
    files: FileBatches,
    edits: readonly GuestEdit[],
    conditions: readonly OtherGuest[],
  ): Promise<TellingGuests> {
    const networks = new Map<string, NetworkGuests>();
    const of = (networkId: string) => {
      const known = networks.get(networkId) ?? new NetworkGuests(files.root, networkId);
      networks.set(networkId, known);
      return known;
    };
    for (const { networkId, guests, packed } of edits) of(networkId).tell(guests, packed);
    for (const { networkId, guestIp, isNot } of conditions) of(networkId).identify(guestIp, isNot);
    await Promise.all([...networks.values()].map((network) => network.look(files)));
    return new TellingGuests(networks);
  }

  isOther({ networkId, guestIp }: OtherGuest): boolean {
    return this.networks.get(networkId)?.isOther(guestIp) ?? false;
  }

  get edits(): PlainEdit[] {
    return [...this.networks.values()].flatMap((network) => network.edits);
  }
}

/** A guest that is told something. */
interface Told extends ToldGuest {
  /** Whether it may be in the pack. */
  readonly packed: boolean;
}

/** What the guests of one network are told, and were until now. A guest's directory, if it is there, is all there is of it. */
class NetworkGuests {
  readonly #told: Told[] = [];
  /** By address who has it from now on. */
  readonly #identities = new Map<string, Uint8Array>();
  readonly #others = new Set<string>();
  #hasDirectory: (guestIp: string) => boolean = () => false;
  #edits: readonly PlainEdit[] = [];

  constructor(
    private readonly root: string,
    private readonly networkId: string,
  ) {}

  tell(guests: readonly ToldGuest[], packed: boolean): void {
    for (const { guestIp, files, isForgotten = false } of guests) {
      this.#told.push({ guestIp, files, isForgotten, packed });
      const identity = identityOf(files);
      if (identity !== undefined) this.identify(guestIp, identity);
    }
  }

  identify(guestIp: string, identity: Uint8Array): void {
    this.#identities.set(guestIp, identity);
  }

  isOther(guestIp: string): boolean {
    return this.#others.has(guestIp);
  }

  get edits(): readonly PlainEdit[] {
    return this.#edits;
  }

  async look(files: FileBatches): Promise<void> {
    const addresses = new Set([...this.#identities.keys(), ...this.#told.map(({ guestIp }) => guestIp)]);
    this.#hasDirectory = directoriesBelow(
      `${this.root}/${networkDirectory(this.networkId)}/${metadataDirectory}`,
      addresses,
    );
    const identities = [...this.#identities].filter(([guestIp]) => this.#hasDirectory(guestIp));
    const states = await files.compare(
      identities.map(([guestIp, content]) => ({ path: this.#pathOf(guestIp, identityFile), content })),
    );
    for (const [position, [guestIp]] of identities.entries()) {
      if (states[position] === 'other') this.#others.add(guestIp);
    }
    const needsPack =
      this.#others.size > 0 ||
      this.#told.some(({ isForgotten }) => isForgotten === true) ||
      [...addresses].some((guestIp) => !this.#hasDirectory(guestIp));
    if (!needsPack) {
      this.#edits = this.#editsWith(undefined);
      return;
    }
    const open = addresses.size > few ? withWholePack : withPack;
    this.#edits = open(`${this.root}/${this.#packPath}`, (pack) => this.#editsWith(pack));
  }

  #editsWith(pack: Pack | undefined): PlainEdit[] {
    const unchanged = this.#unchangedIn(pack);
    for (const [guestIp, identity] of this.#identities) {
      if (pack === undefined || this.#hasDirectory(guestIp) || unchanged.has(guestIp)) continue;
      const before = identityOf(pack.files(guestIp));
      if (before !== undefined && Buffer.compare(before, identity) !== 0) this.#others.add(guestIp);
    }
    const blocks = new Map<string, Buffer>();
    /** Of whom the pack is to say nothing any more. */
    const dropped = new Set<string>();
    const edits: PlainEdit[] = [];
    for (const { guestIp, files, isForgotten, packed } of this.#told) {
      if (isForgotten === true) {
        if (this.#hasDirectory(guestIp))
          edits.push({ path: guestDirectory(this.networkId, guestIp), removeTree: true });
        dropped.add(guestIp);
        continue;
      }
      const isOther = this.#others.has(guestIp);
      if (this.#hasDirectory(guestIp)) {
        edits.push(...this.#filesOf(guestIp, files));
        if (!isOther) continue;
        edits.push({ path: guestDirectory(this.networkId, guestIp), replaceTree: true });
        // It counts again while the directory is not there.
        dropped.add(guestIp);
        continue;
      }
      if (unchanged.has(guestIp)) continue;
      const before = pack?.guest(guestIp);
      if (before === undefined && !packed) {
        edits.push(...this.#filesOf(guestIp, files));
        continue;
      }
      const all = merged(isOther || before === undefined ? [] : (pack?.files(guestIp) ?? []), files);
      const block = encodeBlock(guestIp, all);
      if (before?.block.equals(block)) continue;
      if (all.length === 0) dropped.add(guestIp);
      else if (packed && block.length <= mostPacked) blocks.set(guestIp, block);
      // What the pack says of it does not count any more as soon as the directory is there.
      else edits.push(...this.#filesOf(guestIp, all));
    }
    return [...edits, ...this.#packEdit(pack, blocks, dropped)];
  }

  /** Guests of whom the pack says just what they are told: mostly all of them, and they need no closer look. */
  #unchangedIn(pack: Pack | undefined): ReadonlySet<string> {
    if (pack === undefined) return new Set();
    const same = this.#told.filter(
      ({ guestIp, files, isForgotten }) =>
        isForgotten !== true && pack.guest(guestIp)?.block.equals(encodeBlock(guestIp, merged([], files))),
    );
    return new Set(same.map(({ guestIp }) => guestIp));
  }

  #filesOf(guestIp: string, files: readonly ToldFile[]): PlainEdit[] {
    return files.map(({ path, content }) => {
      const file = this.#pathOf(guestIp, path);
      // A power cut takes the namespace with it, and with the next one CloudStack sends the data again.
      return content.length === 0 ? { path: file, remove: true } : { path: file, content, flushedLater: true };
    });
  }

  #packEdit(before: Pack | undefined, blocks: ReadonlyMap<string, Buffer>, dropped: ReadonlySet<string>): PlainEdit[] {
    if (blocks.size === 0 && ![...dropped].some((guestIp) => before?.has(guestIp))) return [];
    const path = this.#packPath;
    const guests = withWholePack(`${this.root}/${path}`, (pack) => {
      const kept = new Map<string, PackedGuest>();
      for (const guestIp of pack?.addresses ?? []) {
        const guest = dropped.has(guestIp) || this.#hasDirectory(guestIp) ? undefined : pack?.guest(guestIp);
        if (guest !== undefined) kept.set(guestIp, guest);
      }
      return kept;
    });
    for (const [guestIp, block] of blocks) guests.set(guestIp, { block });
    return guests.size === 0 ? [{ path, remove: true }] : [{ path, content: encodePack(guests) }];
  }

  get #packPath(): string {
    return `${networkDirectory(this.networkId)}/${packFile}`;
  }

  #pathOf(guestIp: string, path: string): string {
    return `${guestDirectory(this.networkId, guestIp)}/latest/${path}`;
  }
}

/** Whether something of a guest's name is in the directory of all. */
function directoriesBelow(directory: string, addresses: ReadonlySet<string>): (guestIp: string) => boolean {
  if (addresses.size <= few) return (guestIp) => kindOf(`${directory}/${guestIp}`) !== undefined;
  if (kindOf(directory) !== 'directory') return () => false;
  const names = new Set(readdirSync(directory));
  return (guestIp) => names.has(guestIp);
}

/** Files with others in the place of those of the same path; those without content are none. */
function merged(before: readonly ToldFile[], files: readonly ToldFile[]): ToldFile[] {
  if (before.length === 0) return files.filter(({ content }) => content.length > 0);
  const all = new Map(before.map((file) => [file.path, file]));
  for (const file of files) all.set(file.path, file);
  return [...all.values()].filter(({ content }) => content.length > 0);
}
