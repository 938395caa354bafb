import type { ToldFile } from './guest-block.js';

/** One edit of the state directory. `path` is relative to its root, with `/`, without `.` and `..`. */
export type FileEdit = FileWrite | FileRemoval | TreeRemoval | LineEdit | GuestEdit;

/** The file is to have this content; missing directories are made. */
export interface FileWrite {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** The file is to be gone. */
export interface FileRemoval {
  readonly path: string;
  readonly remove: true;
}

/** The directory is to be gone with everything in it. */
export interface TreeRemoval {
  readonly path: string;
  readonly removeTree: true;
}

/** The file, made of lines `<key>=<value>`, is to have these and no others of their keys. Without lines it goes. */
export interface LineEdit {
  readonly path: string;
  /** Of two for one key the last counts. */
  readonly lines: readonly KeyLine[];
}

/** A line of a key; without a value there is to be none. */
export interface KeyLine {
  readonly key: string;
  readonly value: string | undefined;
  readonly onlyIf?: OtherGuest;
}

/**
 * Guests of a network are told this beside what they were told before; an empty content is no file. Of a former guest of an address nothing
 * stays. A guest whose directory is there has its files in it, else they may be in the network's pack.
 */
export interface GuestEdit {
  /** The directory of a single guest, or of all. */
  readonly path: string;
  readonly networkId: string;
  /** None twice. */
  readonly guests: readonly ToldGuest[];
  /** Whether guests without a directory are to be in the pack. */
  readonly packed: boolean;
}

export interface ToldGuest {
  readonly guestIp: string;
  /** No path twice. */
  readonly files: readonly ToldFile[];
  /** It is gone: nothing of it stays. */
  readonly isForgotten?: boolean;
}

/** What is done only if an address was another guest's until now: something is known of it, and it has another identity. */
export interface OtherGuest {
  readonly networkId: string;
  readonly guestIp: string;
  readonly isNot: Uint8Array;
}
