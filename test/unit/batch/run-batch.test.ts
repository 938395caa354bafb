import { describe, expect, it } from 'vitest';
import type { LineResult } from '../../../src/batch/result-line.js';
import { resultJson, resultText } from '../../../src/batch/result-line.js';
import { type BatchOptions, type Carrier, runBatch } from '../../../src/batch/run-batch.js';

/** Does what it is given, in lists as they come; commands named `bad` fail. */
const carry: Carrier = async (commands, told) => {
  for await (const some of commands) {
    told(
      some.map(([number, words]) => {
        const isBad = words[0] === 'bad';
        return [number, isBad ? 1 : 0, 'network=1', '', isBad ? 'cloudstack-netns: it is bad\n' : ''] as const;
      }),
    );
  }
  return true;
};

async function run(text: string, changed: Partial<BatchOptions> = {}) {
  const results: LineResult[] = [];
  const input = (async function* () {
    yield Buffer.from(text);
  })();
  const summary = await runBatch({
    input,
    isAtomic: false,
    carry,
    result: (one) => results.push(one),
    progress: () => undefined,
    ...changed,
  });
  return { summary, texts: results.map(resultText), results };
}

describe('a batch', () => {
  it('has a result for each line that is a command', async () => {
    const { summary, texts } = await run('# first\nadd --x 1\n\nbad\n{"command":"more"}\n');
    expect(texts).toEqual(['2 ok add network=1\n', '4 failed bad network=1: it is bad\n', '5 ok more network=1\n']);
    expect(summary).toEqual({ done: 2, failed: 1 });
  });

  it('goes on after a line that cannot be read', async () => {
    const { summary, texts } = await run(`add\n{"command"\nadd 'x\nadd\n`);
    expect(texts.filter((text) => text.includes('failed'))).toEqual([
      '2 failed: is no JSON; expected an object, an array of words, or words\n',
      "3 failed: the quote ' at column 5 is not closed\n",
    ]);
    expect(summary).toEqual({ done: 2, failed: 2 });
  });

  it('that is all or nothing ends with such a line', async () => {
    await expect(run('add\n{"command"\n', { isAtomic: true })).rejects.toThrow(
      /^line 2: is no JSON.*nothing was changed$/,
    );
  });

  it('sends many commands in lists that are not long', async () => {
    const lengths: number[] = [];
    const counted: Carrier = (commands, told) =>
      carry(
        (async function* () {
          for await (const some of commands) {
            lengths.push(some.length);
            yield some;
          }
        })(),
        told,
      );
    const { summary } = await run('add\n'.repeat(1300), { carry: counted });
    expect(lengths).toEqual([512, 512, 276]);
    expect(summary.done).toBe(1300);
  });

  it('says where to go on when the daemon ended', async () => {
    const ending: Carrier = async (commands, told) => {
      for await (const some of commands) told(some.slice(0, 2).map(([number]) => [number, 0, '', '', '']));
      return false;
    };
    await expect(run('#\nadd\nadd\nadd\nadd\n', { carry: ending })).rejects.toThrow(
      /2 commands sent and not answered, the first on line 4;/,
    );
  });

  it('fails as a whole with what the daemon says of the whole', async () => {
    const refusing: Carrier = async (_, told) => {
      told([[0, 1, '', '', 'cloudstack-netns: too many\n']]);
      return false;
    };
    await expect(run('add\n', { carry: refusing })).rejects.toThrow(/^too many$/);
  });
});

describe('a result', () => {
  const result = { line: 7, command: 'custom-action', exitCode: 0, subject: 'network=1', stdout: 'a\nb\n', stderr: '' };

  it('shows what the command answers below it', () => {
    expect(resultText(result)).toBe('7 ok custom-action network=1\n  a\n  b\n');
  });

  it('is one line of JSON for a program', () => {
    expect(JSON.parse(resultJson(result))).toEqual({
      line: 7,
      command: 'custom-action',
      exit: 0,
      subject: 'network=1',
      stdout: 'a\nb\n',
      stderr: '',
    });
  });
});
