import type { Word } from './call.js';

/** The line after which everything on stdout is the host program's own: a login shell's start-up files may print what they like. */
const startLine = 'cloudstack-netns: started';
/** The line that ends what is sent. Without it something was cut off, and nothing is carried out. */
const endLine = 'cloudstack-netns: end';

/**
 * What the host's shell runs, always the same text. On stdin comes first one line that sets the words of the command, each in quotes for the shell,
 * then the files, whose lengths are the script's arguments; they lie in a directory of their own until the command has ended. The line is
 * read by the shell itself, because a program for it would take as long as all the rest. One line without single quotes, so that any
 * login shell passes it on as it is.
 *
 * An exit code of 255 would be taken for ssh's own.
 */
const script = [
  'directory=',
  'trap "test -z \\"\\$directory\\" || rm -rf -- \\"\\$directory\\"" EXIT',
  'trap "exit 129" HUP',
  'trap "exit 130" INT',
  'trap "exit 141" PIPE',
  'trap "exit 143" TERM',
  'IFS= read -r words || exit 1',
  'number=0',
  'test "$#" -eq 0 || directory=$(mktemp -dt cs-extnet-XXXXXX) || exit 1',
  'for size do number=$((number + 1)); (umask 077; exec head -c "$size" >"$directory/$number") || exit 1; done',
  `IFS= read -r end && test "$end" = "${endLine}" || exit 1`,
  `echo "${startLine}"`,
  'eval "$words"',
  '"$@" </dev/null',
  'status=$?',
  'test "$status" -ne 255 || status=254',
  'exit "$status"',
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
  const lengths = files.map((bytes) => String(bytes.length));
  return {
    command: ['exec', 'sh', '-c', quoteText(script), 'cs-extnet', ...lengths].join(' '),
    input: [Buffer.from(line), ...files, Buffer.from(`${endLine}\n`)],
  };
}

/** Line ends cannot stand in a line. */
const setNewline = `newline=$(printf "\\n."); newline=\${newline%.}; `;

/** What the host's program has printed; undefined when it was not started. */
export function outputOf(stdout: Buffer): Buffer | undefined {
  const mark = Buffer.from(`${startLine}\n`);
  const place = stdout.indexOf(mark);
  return place === -1 ? undefined : stdout.subarray(place + mark.length);
}

function quoteWord(word: Word): string {
  if (typeof word !== 'string') return `"$directory/${word.file}"`;
  return quoteText(word).replaceAll('\n', `'"$newline"'`);
}

/** One word for a POSIX shell, whatever is in it. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
