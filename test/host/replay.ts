import type { Call, CallFile } from './call-file.js';
import { TestHost } from './host.js';
import type { Outcome } from './outcome.js';

/** One played call: what came back, and what is wrong with it. */
export interface PlayedCall {
  readonly index: number;
  readonly call: Call;
  readonly outcome: Outcome;
  /** Empty: answered as CloudStack needs it. */
  readonly problems: readonly string[];
  /** Refused because the program has no such command (yet). */
  readonly commandMissing: boolean;
}

export async function hostFor(file: CallFile): Promise<TestHost> {
  return TestHost.create({
    guestDevice: file.host.guestDevice,
    publicDevice: file.host.publicDevice,
    guestVlans: file.host.guestVlans,
    publicVlans: file.host.publicVlans,
  });
}

/** Plays the calls of a file in order, as they would arrive at one host. `until` is the index of the last one. */
export async function* play(
  host: TestHost,
  file: CallFile,
  until = Number.POSITIVE_INFINITY,
): AsyncGenerator<PlayedCall> {
  for (const [index, call] of file.calls.entries()) {
    if (index > until) return;
    yield playCall(host, call, index);
  }
}

async function playCall(host: TestHost, call: Call, index: number): Promise<PlayedCall> {
  const outcome = await host.callRaw(call.argv, call.files ?? {});
  return { index, call, outcome, problems: judge(call, outcome), commandMissing: isCommandMissing(call, outcome) };
}

function isCommandMissing(call: Call, outcome: Outcome): boolean {
  const name = call.argv[0] ?? '';
  return outcome.exit === 1 && /unknown command/i.test(outcome.stderr) && outcome.stderr.includes(name);
}

function judge(call: Call, outcome: Outcome): string[] {
  const problems: string[] = [];
  if (outcome.timedOut) problems.push('did not end in time');
  if (outcome.heldOpen) problems.push('left a process that holds stdout or stderr: CloudStack would wait for it');
  const expected = call.expect.exit;
  // 1 stands for any failure.
  if (expected === 0 ? outcome.exit !== 0 : outcome.exit === 0)
    problems.push(`exit ${outcome.exit} instead of ${expected === 0 ? 0 : 'a failure'}: ${firstLine(outcome)}`);
  if (expected !== 0 && outcome.exit !== 0) problems.push(...judgeRefusal(outcome));
  if (expected === 0 && outcome.exit === 0) problems.push(...judgeOutput(call, outcome));
  return problems;
}

/** A refusal is one line that says why. */
function judgeRefusal({ stderr }: Outcome): string[] {
  const lines = stderr.split('\n').filter((line) => line !== '');
  return lines.length === 1 ? [] : [`refused with ${lines.length} lines on stderr instead of one`];
}

function judgeOutput(call: Call, { stdout }: Outcome): string[] {
  const object = parseObject(stdout);
  switch (call.expect.stdout) {
    case 'empty':
      return stdout.trim() === '' ? [] : [`stdout should be empty: ${JSON.stringify(stdout.slice(0, 200))}`];
    case 'json':
      return object === undefined
        ? [`stdout should be one JSON object: ${JSON.stringify(stdout.slice(0, 200))}`]
        : judgeStatus(object);
    case 'text':
      if (stdout.trim() === '') return ['stdout should have text'];
      return object === undefined ? [] : judgeStatus(object);
  }
}

/** CloudStack takes a JSON object whose status is not "success" for a failure, whatever the exit code. */
function judgeStatus(object: object): string[] {
  const status = 'status' in object ? object.status : undefined;
  return status === undefined || String(status).toLowerCase() === 'success'
    ? []
    : [`status ${JSON.stringify(status)} means failure`];
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function firstLine({ stderr, stdout }: Outcome): string {
  return (stderr.trim() || stdout.trim() || '(no output)').split('\n', 1)[0] ?? '';
}
