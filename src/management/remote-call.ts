import { randomBytes } from 'node:crypto';
import type { Word } from './call.js';

/** The line after which everything on stdout is the host program's own: a login shell's start-up files may print what they like. */
const startLine = 'cloudstack-netns: started';
/** The line that ends what is sent. Without it something was cut off, and nothing is carried out. */
const endLine = 'cloudstack-netns: end';

/** Files up to this many bytes are read by the shell itself if they are one line: a base64 text, mostly. */
const mostInLine = 4_096;

/** What has come is whole: only then the command is begun. */
const begin = [
  `IFS= read -r end && test "$end" = "${endLine}" || exit 1`,
  `echo "${startLine}"`,
  'eval "$words"',
] as const;

/**
 * What the host's shell runs for a call without files, always the same text. On stdin comes one line that sets the words of the command, each in quotes
 * for the shell. The shell becomes the program: another process would take as long as all of this. One line without single quotes, so that any login
 * shell passes it on as it is.
 */
const script = ['IFS= read -r words || exit 1', ...begin, 'exec "$@" </dev/null'].join('; ');

/**
 * The same with files, which follow the line with the words. Its arguments are how the files begin to be called, a name that nobody can have taken, and
 * for each its length in bytes, or 0 for one that is a line. Another program for a step takes as long as all the rest: so the shell itself reads lines
 * and makes the files (`set -C`: not where there is something), and nobody waits for their removal.
 */
const scriptWithFiles = [
  'test -n "$TMPDIR" || TMPDIR=/tmp',
  'files=$TMPDIR/cs-extnet-$1',
  'shift',
  'trap "rm -f -- \\"\\$files\\"-* </dev/null >/dev/null 2>&1 &" EXIT',
  'trap "exit 129" HUP',
  'trap "exit 130" INT',
  'trap "exit 141" PIPE',
  'trap "exit 143" TERM',
  'number=0',
  'IFS= read -r words || exit 1',
  'for size do number=$((number + 1)); (umask 077; set -C; if test "$size" -eq 0; then IFS= read -r line && printf %s "$line" >"$files-$number"; else exec head -c "$size" >"$files-$number"; fi) || exit 1; done',
  ...begin,
  '"$@" </dev/null',
  'exit "$?"',
].join('; ');

export interface RemoteCall {
  /** What ssh is told to run: fixed text and numbers. */
  readonly command: string;
  readonly input: readonly Uint8Array[];
}

/**
 * The way of one command to its host, everything in one round trip: the arguments and the files come through stdin, where nobody sees them.
 *
 * @param program the host's program
 */
export function remoteCall(program: string, words: readonly Word[], files: readonly Uint8Array[]): RemoteCall {
  const all = [program, ...words];
  const hasNewline = all.some((word) => typeof word === 'string' && word.includes('\n'));
  const line = `${hasNewline ? setNewline : ''}set -- ${all.map(quoteWord).join(' ')}\n`;
  const sent = files.map((bytes) =>
    isLine(bytes) ? { size: 0, parts: [bytes, lineEnd] } : { size: bytes.length, parts: [bytes] },
  );
  const sizes = sent.map(({ size }) => String(size));
  const shell =
    files.length === 0
      ? [quoteText(script)]
      : [quoteText(scriptWithFiles), 'cs-extnet', randomBytes(16).toString('hex'), ...sizes];
  return {
    command: ['exec', 'sh', '-c', ...shell].join(' '),
    input: [Buffer.from(line), ...sent.flatMap(({ parts }) => parts), Buffer.from(`${endLine}\n`)],
  };
}

/** Whether a shell reads it as it is, whatever it takes for a letter. */
function isLine(bytes: Uint8Array): boolean {
  return bytes.length <= mostInLine && bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}

const lineEnd = Buffer.from('\n');

/** Line ends cannot stand in a line. */
const setNewline = `newline=$(printf "\\n."); newline=\${newline%.}; `;

/** What the host's program has printed; undefined when it was not started. */
export function outputOf(stdout: Buffer): Buffer | undefined {
  const mark = Buffer.from(`${startLine}\n`);
  const place = stdout.indexOf(mark);
  return place === -1 ? undefined : stdout.subarray(place + mark.length);
}

function quoteWord(word: Word): string {
  if (typeof word !== 'string') return `"$files-${word.file}"`;
  return quoteText(word).replaceAll('\n', `'"$newline"'`);
}

/** One word for a POSIX shell, whatever is in it. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
