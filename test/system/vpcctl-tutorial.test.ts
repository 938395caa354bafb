// docs/vpcctl.md, step by step: its commands are run, its files saved, and what it says they print is what they print.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../host/project-root.js';
import { VpcHost } from './vpcctl.js';

const page = readFileSync(join(projectRoot, 'docs/vpcctl.md'), 'utf8');
const directory = '/run/tutorial';

type Step =
  | { readonly kind: 'commands'; readonly heading: string; readonly text: string; output: string }
  | { readonly kind: 'file'; readonly name: string; readonly text: string };

/** The blocks of the page in their order; a block of output belongs to the commands above it, a file's name is the last one before it. */
function stepsOf(text: string): Step[] {
  const steps: Step[] = [];
  let heading = '';
  let name = '';
  for (const match of text.matchAll(/^#+ (.*)$|^```(sh|text|json|yaml)\n([\s\S]*?)^```$|`([\w-]+\.(?:json|yaml))`/gm)) {
    const [, title, language, block = '', file] = match;
    const last = steps.at(-1);
    if (title !== undefined) heading = title;
    else if (file !== undefined) name = file;
    else if (language === 'sh') steps.push({ kind: 'commands', heading, text: block, output: '' });
    else if (language !== 'text') steps.push({ kind: 'file', name, text: block });
    else if (last?.kind === 'commands') last.output = block;
  }
  return steps;
}

const steps = stepsOf(page);

describe('the tutorial of vpcctl', () => {
  let scene: VpcHost;

  beforeAll(async () => {
    scene = await VpcHost.create();
    await scene.internet.ipBatch([['address', 'add', '1.1.1.1/32', 'dev', 'lo']]);
    await scene.host.self.output('mkdir', directory);
  });
  afterAll(() => scene?.destroy());

  test('has steps', () => {
    expect(steps.length).toBeGreaterThan(15);
    expect(page.match(/^```\w+$/gm)).toHaveLength(
      steps.length + steps.filter((step) => 'output' in step && step.output !== '').length,
    );
  });

  test.each(
    steps.map((step, index) => [`${index + 1}: ${step.kind === 'file' ? step.name : step.heading}`, step] as const),
  )('step %s', async (_, step) => {
    if (step.kind === 'file') return scene.host.writeFile(`${directory}/${step.name}`, step.text);
    const { stdout, stderr } = await scene.host.self.run([
      'bash',
      '-c',
      `cd ${directory}\nPATH=${join(projectRoot, 'bin')}:$PATH\n${step.text}`,
    ]);
    // What is said as … is another one each time.
    const anything = step.output
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*');
    expect(stdout + stderr).toMatch(new RegExp(`^${anything}$`));
  });

  test('draws the picture of the page', () => {
    expect(steps.some((step) => step.kind === 'commands' && step.text.includes('-o vpcctl.svg'))).toBe(true);
    return scene.host.self
      .output('cat', `${directory}/vpcctl.svg`)
      .then((svg) => expect(svg).toBe(readFileSync(join(projectRoot, 'docs/figures/vpcctl.svg'), 'utf8')));
  });
});
