import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCall } from '../../../src/management/call.js';
import { temporaryDirectory } from '../daemon/temporary-directory.js';

function file(content: string): string {
  const path = join(mkdtempSync(join(temporaryDirectory(), 'call-')), 'payload');
  writeFileSync(path, content);
  return path;
}
const physical = '{"hosts":"a,b","password":"SECRET","sshkey":"SECRET","note":"\\u003cb\\u003e"}';

describe('a call of generation 1', () => {
  it('is sent on without what the host need not know', () => {
    const call = readCall([
      ...[
        'add-port-forward',
        '--network-id',
        '42',
        '--current-details',
        '{"host":"a"}',
        '--vpc-id',
        '7',
        '--unknown',
        'x',
      ],
      ...['--physical-network-extension-details', physical, '--network-extension-details', '{"host":"b"}}'],
    ]);
    expect(call).toMatchObject({ networkId: '42', vpcId: '7', timeout: undefined, files: [] });
    expect(call.currentDetails).toEqual({ host: 'a' });
    expect(call.physicalDetails).toMatchObject({ password: 'SECRET' });
    expect(call.words).toEqual([
      ...['add-port-forward', '--network-id', '42', '--vpc-id', '7', '--unknown', 'x'],
      ...['--physical-network-extension-details', '{"hosts":"a,b","note":"<b>"}'],
      ...['--network-extension-details', '{"host":"b"}'],
    ]);
  });

  it('takes a value for a value, whatever it looks like', () => {
    const call = readCall(['save-password', '--password', '--network-id', '--network-id', '1']);
    expect(call.networkId).toBe('1');
    expect(call.words.slice(1, 5)).toEqual(['--password', '--network-id', '--network-id', '1']);
  });

  it('brings its files', () => {
    const path = file('QUJD\n');
    const call = readCall(['save-vm-data', '--vm-data-file', path, '--ip', '10.1.1.1', '--fw-rules-file', '']);
    expect(call.words.slice(0, 7)).toEqual([
      ...['save-vm-data', '--vm-data-file', { file: 1 }, '--ip', '10.1.1.1', '--fw-rules-file', ''],
    ]);
    expect(call.files.map(String)).toEqual(['QUJD\n']);
  });

  it.each([
    [[], /no command given/],
    [['--network-id'], /no command given/],
    [['x', '--network-id', '1\n2'], /network id "1\\n2": expected a decimal id/],
    [['x', '--vpc-id', '../7'], /VPC id "..\/7": expected a decimal id/],
    [['x', '--fw-rules-file', '/nowhere'], /--fw-rules-file "\/nowhere": could not be read \(ENOENT\)/],
    [['x', '--physical-network-extension-details', 'SECRET'], /expected a JSON object \(the value is not shown/],
  ])('%j is refused', (argv, words) => {
    expect(() => readCall(argv)).toThrow(words);
    expect(() => readCall(argv)).not.toThrow(/SECRET/);
  });
});

describe('a call of generation 2', () => {
  const envelope = (rest: object) => ({
    'physical-network-extension-details': JSON.parse(physical) as unknown,
    'network-extension-details': { host: 'b', namespace: 'cs-net-42' },
    ...rest,
  });

  it('goes to the host byte for byte', () => {
    const text = JSON.stringify(
      envelope({ payload: { network_id: '42', current_details: '{"host":"a"}' } }),
    ).replaceAll('=', '\\u003d');
    const call = readCall(['implement-network', file(text), '60']);
    expect(call).toMatchObject({ networkId: '42', vpcId: '', timeout: 60, currentDetails: { host: 'a' } });
    expect(call.networkDetails).toMatchObject({ host: 'b' });
    expect(call.words).toEqual(['implement-network', { file: 1 }, '60']);
    expect(call.files.map(String)).toEqual([text]);
  });

  it('finds the ids of a custom action beside the details', () => {
    expect(
      readCall(['custom-action', file(JSON.stringify(envelope({ vpc_id: '7', action: 'x' }))), '60']),
    ).toMatchObject({
      networkId: '',
      vpcId: '7',
    });
  });

  it.each(['', '0', '-1', 'soon', '9999999'])('has the usual timeout when %j is sent', (timeout) => {
    const call = readCall(['x', file('{}'), timeout]);
    expect(call).toMatchObject({ timeout: 60, physicalDetails: {}, networkId: '' });
    expect(call.words[2]).toBe('60');
  });

  it.each(['', '[]', '{"payload": 7}', 'SECRET', '{"payload":{"network_id":{}}}', '{"network-extension-details":"x"}'])(
    '%j is refused, and not shown',
    (content) => {
      expect(() => readCall(['x', file(content), '60'])).toThrow(/the payload file is not what CloudStack writes/);
      expect(() => readCall(['x', file(content), '60'])).not.toThrow(/SECRET/);
    },
  );
});
