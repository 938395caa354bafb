/** One call of the host program, as the client saw it. */
export interface Invocation {
  /** Absolute path the program was started by, symbolic links not resolved. */
  readonly program: string;
  /** What follows the program name. */
  readonly arguments: readonly string[];
  /** Only the variables of the contract travel (CONTRACT §1.1). */
  readonly environment: Readonly<Record<string, string>>;
  /** The caller's working directory; relative file names start here. */
  readonly directory: string;
}
