import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from './project-root.js';

/** One call of CloudStack to the host program, as test/fixtures/calls/README.md describes it. */
const callSchema = z.object({
  step: z.string(),
  argv: z.array(z.string()).min(1),
  files: z.record(z.string(), z.string()).optional(),
  expect: z.object({ exit: z.number(), stdout: z.enum(['empty', 'json', 'text']) }),
});
export type Call = z.infer<typeof callSchema>;

const callFileSchema = z.object({
  name: z.string(),
  generation: z.union([z.number(), z.string()]),
  description: z.string(),
  host: z.object({
    guestDevice: z.string(),
    publicDevice: z.string(),
    guestVlans: z.array(z.string()),
    publicVlans: z.array(z.string()),
  }),
  calls: z.array(callSchema),
});
export type CallFile = z.infer<typeof callFileSchema>;

export const callDirectory: string = join(projectRoot, 'test/fixtures/calls');

export async function readCallFile(path: string): Promise<CallFile> {
  return callFileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
}
