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

/** The file, made of lines `<key>=<value>`, is to have this one and no other of the key; without a value none. Without lines it goes. */
export interface LineEdit {
  readonly path: string;
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

/** An edit that is made only if another file is there before and has another content. */
export interface Condition {
  readonly path: string;
  readonly isNot: Uint8Array;
}
