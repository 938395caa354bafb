import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from './project-root.js';
import type { PlayedCall } from './replay.js';

export const expectedFailuresFile: string = join(projectRoot, 'test/fixtures/expected-failures.json');

const schema = z.object({
  about: z.string(),
  /** Commands that do not exist yet, with the reason: their calls must be refused as unknown. */
  missingCommands: z.record(z.string(), z.string()),
  /** Single calls that are known to be answered wrongly. */
  calls: z.array(z.object({ file: z.string(), index: z.number(), command: z.string(), why: z.string() })),
});

/** The calls that are expected to fail for now. The list may only shrink: a listed call that passes is an error too. */
export class ExpectedFailures {
  private constructor(private readonly list: z.infer<typeof schema>) {}

  static async read(path = expectedFailuresFile): Promise<ExpectedFailures> {
    return new ExpectedFailures(schema.parse(JSON.parse(await readFile(path, 'utf8'))));
  }

  isMissing(command: string): boolean {
    return command in this.list.missingCommands;
  }

  isListed(file: string, index: number): boolean {
    return this.list.calls.some((call) => call.file === file && call.index === index);
  }

  /** What is wrong with a played call, given the list; empty when it is as expected. */
  complaints(file: string, { index, call, problems, commandMissing, outcome }: PlayedCall): string[] {
    const command = call.argv[0] ?? '';
    if (this.isMissing(command)) {
      if (commandMissing) return [];
      const said = outcome.exit === 0 ? 'succeeded' : `exit ${outcome.exit}: ${outcome.stderr.trim()}`;
      return [
        `${command} is listed as missing but is not refused as an unknown command (${said}): take it off the list`,
      ];
    }
    const listed = this.list.calls.find((entry) => entry.file === file && entry.index === index);
    if (listed === undefined) return [...problems];
    if (listed.command !== command) return [`call ${index} is listed as ${listed.command} but is ${command}`];
    return problems.length > 0
      ? []
      : [`call ${index} (${command}) is listed as failing but passes: take it off the list`];
  }
}
