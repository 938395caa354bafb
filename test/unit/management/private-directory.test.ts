import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  directorySalt,
  privateDirectory,
  removeSecrets,
  writeSecret,
} from '../../../src/management/private-directory.js';
import { temporaryDirectory } from '../daemon/temporary-directory.js';

const place = () => join(temporaryDirectory(), 'private');

describe('the private directory', () => {
  it('is made for nobody else, and closed when it was open', () => {
    const path = place();
    expect(statSync(privateDirectory(path)).mode & 0o777).toBe(0o700);
    const open = place();
    mkdirSync(open, { mode: 0o755 });
    expect(statSync(privateDirectory(open)).mode & 0o777).toBe(0o700);
  });

  it('is no link and no file that somebody has put in its place', () => {
    const [link, file] = [place(), place()];
    symlinkSync('/', link);
    writeFileSync(file, '');
    for (const path of [link, file])
      expect(() => privateDirectory(path)).toThrow(/expected a directory of this program's user/);
  });

  it('has a path that is short enough for sockets', () => {
    expect(() => privateDirectory(join(temporaryDirectory(), 'x'.repeat(80)))).toThrow(/too long.*TMPDIR/);
  });

  it('has one salt', () => {
    const path = privateDirectory(place());
    const salt = directorySalt(path);
    expect(salt).toHaveLength(32);
    expect(directorySalt(path)).toEqual(salt);
    expect(directorySalt(privateDirectory(place()))).not.toEqual(salt);
    expect(statSync(join(path, 'salt')).mode & 0o777).toBe(0o600);
  });

  it('holds a secret until it is taken away, and none of a process that was killed', () => {
    const path = privateDirectory(place());
    const old = join(path, 'key-1-abc');
    writeFileSync(old, 'SECRET');
    utimesSync(old, 0, 0);
    const secret = writeSecret(path, 'SECRET');
    expect(readFileSync(secret, 'utf8')).toBe('SECRET');
    expect(statSync(secret).mode & 0o777).toBe(0o600);
    expect(existsSync(old)).toBe(false);
    removeSecrets();
    expect(existsSync(secret)).toBe(false);
  });
});
