import { describe, expect, it } from 'vitest';
import type { CustomAction } from '../../../src/contract/command.js';
import { answerText, listed, ruleset, tableEntry, told } from '../../../src/executor/answer.js';
import { implement, target } from '../commands/builders.js';

const action = (answer: CustomAction['answer']): CustomAction => ({
  name: 'custom-action',
  target: target(),
  request: { action: 'pbr-list-tables' },
  answer,
});
const message = (answer: Parameters<typeof answerText>[1]) => JSON.parse(answerText(action('json'), answer)) as object;

describe('what a custom action prints', () => {
  it('is text for generation 1, and one JSON object for generation 2', () => {
    const answer = told('pbr-add-rule: OK table=isp2 rule=to 192.0.2.0/24');
    expect(answerText(action('text'), answer)).toBe('pbr-add-rule: OK table=isp2 rule=to 192.0.2.0/24\n');
    expect(message(answer)).toEqual({
      status: 'success',
      printmessage: 'true',
      message: 'pbr-add-rule: OK table=isp2 rule=to 192.0.2.0/24',
    });
  });

  it('is a list of things for generation 2', () => {
    const tables = listed(['100 isp2', '255\tlocal', '0x10 odd'], tableEntry);
    expect(answerText(action('text'), tables)).toBe('100 isp2\n255\tlocal\n0x10 odd\n');
    expect(message(tables)).toMatchObject({
      message: [{ id: '100', name: 'isp2' }, { id: '255', name: 'local' }, { result: '0x10 odd' }],
    });
    const routes = listed(['blackhole 198.51.100.0/24 '], (route) => ({ route }));
    expect(message(routes)).toMatchObject({ message: [{ route: 'blackhole 198.51.100.0/24' }] });
    expect(message(listed([], tableEntry))).toMatchObject({ message: [] });
    const rules = ruleset([{ table: 'ip cloudstack', text: 'table ip cloudstack {\n}\n' }]);
    expect(message(rules)).toMatchObject({ message: [{ table: 'ip cloudstack', rules: 'table ip cloudstack {\n}' }] });
  });

  it('is text in both for answers that are meant to be read', () => {
    const answer = { text: 'reboot-device: OK (namespace=cs-net-42)\n', message: undefined };
    expect(answerText(action('json'), answer)).toBe(answer.text);
  });
});

describe('what implement-network prints', () => {
  it('is nothing, unless CloudStack wants to be told the VLAN', () => {
    expect(answerText(implement(), undefined)).toBe('');
    expect(JSON.parse(answerText(implement({ tellsBroadcast: true }), undefined))).toEqual({
      'network.broadcast_domain_type': 'Vlan',
      'network.broadcast_uri': 'vlan://100',
    });
  });
});
