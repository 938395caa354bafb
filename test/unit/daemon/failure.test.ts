import { describe, expect, it } from 'vitest';
import { CallError } from '../../../src/contract/call-error.js';
import { failure, messageIn } from '../../../src/daemon/failure.js';

describe('a call that failed', () => {
  it('is one line, with what it was about for the log', () => {
    const error = new CallError('network=42', new Error('assign-ip: no\nsecond line'));
    expect(failure(error)).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'cloudstack-netns: assign-ip: no\n',
      subject: 'network=42',
    });
    expect(failure(new Error('no'))).not.toHaveProperty('subject');
    expect(messageIn(failure(error).stderr)).toBe('assign-ip: no');
  });

  it('never shows what a JSON parser quotes', () => {
    const secret = new SyntaxError('Unexpected token in "hunter2"');
    for (const error of [secret, new CallError('', secret)]) expect(failure(error).stderr).not.toContain('hunter2');
  });
});
