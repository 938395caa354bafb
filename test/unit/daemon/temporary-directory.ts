import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory that is gone after the test. Its path is short: a unix socket's path has at most 107 bytes. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'csn-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
