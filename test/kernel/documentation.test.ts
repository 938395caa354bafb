// The examples of docs/kernel-api.md: compiled, run in a namespace of their own, and held to what they say they print.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile, installPackage, strictOptions } from './installed-package.js';

const documentation = readFileSync(new URL('../../docs/kernel-api.md', import.meta.url), 'utf8');

interface Example {
  readonly heading: string;
  readonly code: string;
  /** What it prints. */
  readonly output: string;
  /** What `nft list ruleset` shows afterwards. */
  readonly ruleset: string | undefined;
}

/** The examples, each with the blocks of text that follow it. */
function examplesOf(text: string): Example[] {
  const examples: { heading: string; code: string; output: string; ruleset: string | undefined }[] = [];
  let heading = '';
  for (const match of text.matchAll(/^## (.*)$|^```(ts|text nft|text)\n([\s\S]*?)^```$/gm)) {
    const [, title, language, block = ''] = match;
    const last = examples.at(-1);
    if (title !== undefined) heading = title;
    else if (language === 'ts') examples.push({ heading, code: block, output: '', ruleset: undefined });
    else if (last !== undefined && language === 'text') last.output = block;
    else if (last !== undefined) last.ruleset = block;
  }
  return examples;
}

const examples = examplesOf(documentation);
let directory = '';

beforeAll(() => {
  directory = installPackage();
  for (const [index, { code }] of examples.entries()) writeFileSync(join(directory, `example-${index}.mts`), code);
  compile(directory, { compilerOptions: strictOptions, include: ['*.mts'] });
  // The mount point of named namespaces, which each example gets one of its own for.
  mkdirSync('/run/netns', { recursive: true });
}, 60_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the examples of the documentation', () => {
  it('are there', () => {
    expect(examples.length).toBeGreaterThan(8);
    expect(documentation.match(/^```ts$/gm)).toHaveLength(examples.length);
  });

  it.each(examples.map((example, index) => [example.heading, index, example] as const))(
    '%s (%i)',
    (_, index, { output, ruleset }) => {
      const script = [
        'mount -t tmpfs tmpfs /run/netns',
        `${process.execPath} example-${index}.mjs`,
        ruleset === undefined ? 'true' : 'echo "#" && nft list ruleset',
      ].join(' && ');
      const printed = execFileSync('unshare', ['--net', '--mount', 'sh', '-c', script], {
        cwd: directory,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1' },
      });
      expect(printed).toBe(ruleset === undefined ? output : `${output}#\n${ruleset}`);
    },
  );
});
