/** One edit of the state directory. `path` is relative to its root, with `/`, without `.` and `..`. */
export type FileEdit = FileWrite | FileRemoval | TreeRemoval | LineEdit | TreeClearing;

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
  readonly onlyIf?: Condition;
}

/** Nothing in the directory is to stay but what other edits of the same list write. */
export interface TreeClearing {
  readonly path: string;
  readonly clear: true;
  readonly onlyIf: Condition;
}

/** What is done only if another file is there before and has another content. */
export interface Condition {
  readonly path: string;
  readonly isNot: Uint8Array;
}
