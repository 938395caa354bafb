import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { callDirectory, readCallFile } from './call-file.js';
import { ExpectedFailures } from './expected-failures.js';
import { hostFor, type PlayedCall, play } from './replay.js';

const usage = `usage: scripts/replay [options] FILE

Plays one file of real CloudStack calls (test/fixtures/calls) against a fresh test host and checks each answer.
FILE is a path, or the name of a file in that directory with or without ".json".

  --until INDEX    stop after the call with this index (they count from 0)
  --verbose        a line for every call
  --strict         ignore the list of failures that are expected for now (test/fixtures/expected-failures.json)
  --program FILE   play against this program instead of the built product
Exit: 0 when every call was answered as it should be, else 1.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    until: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    program: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [given] = positionals;
if (values.help || given === undefined) {
  process.stdout.write(usage);
  process.exit(values.help ? 0 : 1);
}
process.exitCode = await main(given).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});

async function main(name: string): Promise<number> {
  const path = [name, join(callDirectory, name), join(callDirectory, `${name}.json`)].find((candidate) =>
    existsSync(candidate),
  );
  if (path === undefined) throw new Error(`no call file ${name}`);
  const file = await readCallFile(path);
  const expected = values.strict ? undefined : await ExpectedFailures.read();
  const host = await hostFor(file);
  const counts = { passed: 0, expected: 0, failed: 0 };
  let milliseconds = 0;
  try {
    if (values.program === undefined) await host.install();
    else await host.installProgram('network-namespace', await readFile(values.program, 'utf8'));
    for await (const played of play(host, file, values.until === undefined ? undefined : Number(values.until))) {
      const complaints = expected?.complaints(basename(path), played) ?? played.problems;
      const result =
        complaints.length > 0 ? 'failed' : isExpected(expected, basename(path), played) ? 'expected' : 'passed';
      counts[result] += 1;
      milliseconds += played.outcome.milliseconds;
      if (values.verbose || result === 'failed') process.stdout.write(describe(played, result, complaints));
    }
  } finally {
    await host.destroy();
  }
  const notYet = counts.expected > 0 ? `, ${counts.expected} failed as expected for now` : '';
  process.stdout.write(
    `${basename(path)}: ${counts.passed} passed${notYet}, ${counts.failed} failed, ${milliseconds.toFixed(0)} ms in the program\n`,
  );
  return counts.failed === 0 ? 0 : 1;
}

function isExpected(list: ExpectedFailures | undefined, file: string, { index, call }: PlayedCall): boolean {
  return list !== undefined && (list.isMissing(call.argv[0] ?? '') || list.isListed(file, index));
}

function describe({ index, call, outcome }: PlayedCall, result: string, complaints: readonly string[]): string {
  const line = `${String(index).padStart(3)} ${result.padEnd(8)} ${outcome.milliseconds.toFixed(1).padStart(7)} ms  ${call.argv[0]}: ${call.step}\n`;
  return line + complaints.map((complaint) => `      ${complaint}\n`).join('');
}
