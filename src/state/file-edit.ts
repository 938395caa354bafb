/** One edit of the state directory. `path` is relative to its root, with `/`, without `.` and `..`. */
export type FileEdit = FileWrite | FileRemoval | TreeRemoval;

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
