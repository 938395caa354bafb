import { describe, expect, it } from 'vitest';
import type { CustomAction } from '../../../src/contract/command.js';
import { ContractError } from '../../../src/contract/contract-error.js';
import { decode } from '../../../src/contract/decode.js';
import { injections } from '../model/injections.js';

const program = '/etc/cloudstack/extensions/network-namespace/network-namespace-wrapper.sh';

interface Given {
  readonly network?: string;
  readonly parameters?: unknown;
  readonly raw?: string;
  readonly details?: object;
  readonly vpc?: string;
}

async function command(action: string, given: Given = {}): Promise<CustomAction> {
  const { network = '240', parameters = {}, raw = JSON.stringify(parameters), details = {}, vpc } = given;
  const request = await decode({
    program,
    arguments: [
      'custom-action',
      ...(network === '' ? [] : ['--network-id', network]),
      ...(vpc === undefined ? [] : ['--vpc-id', vpc]),
      ...['--action', action, '--action-params', raw],
      ...['--network-extension-details', JSON.stringify(details)],
    ],
    environment: {},
    directory: '/',
  });
  return request.command as CustomAction;
}

const requestOf = async (action: string, parameters: unknown = {}) => (await command(action, { parameters })).request;

async function failure(action: string, given: Given = {}): Promise<string> {
  const error: unknown = await command(action, given).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ContractError);
  const { message } = error as ContractError;
  expect(message).toMatch(/^custom-action: /);
  expect(message).not.toMatch(/\p{Cc}/u);
  expect(message.length).toBeLessThan(600);
  return message;
}

describe('custom-action', () => {
  it.each(['reboot-device', 'dump-config', 'list-firewall-rules', 'pbr-list-tables'])(
    '%s needs nothing',
    async (action) => {
      expect(await requestOf(action)).toEqual({ action });
      expect(await requestOf(action, { anything: '' })).toEqual({ action });
    },
  );

  it.each(['table-id', 'table_id', 'id', 'tableid'])('takes the id as %s', async (alias) => {
    expect(await requestOf('pbr-create-table', { [alias]: '100', 'table-name': 'isp2' })).toEqual({
      action: 'pbr-create-table',
      table: { id: 100, name: 'isp2' },
    });
    expect(await requestOf('pbr-list-routes', { [alias]: '100' })).toMatchObject({ table: { id: 100 } });
  });

  it.each(['table-name', 'table_name', 'name', 'tablename', 'table'])('takes the name as %s', async (alias) => {
    expect(await requestOf('pbr-create-table', { id: '100', [alias]: 'isp2' })).toMatchObject({
      table: { name: 'isp2' },
    });
    expect(await requestOf('pbr-delete-table', { [alias]: 'isp2' })).toEqual({
      action: 'pbr-delete-table',
      table: { name: 'isp2' },
    });
  });

  it.each(['table', 'table-name', 'table_name', 'tablename', 'table-id', 'table_id', 'id', 'tableid'])(
    'takes the table of a route or rule as %s',
    async (alias) => {
      const table = { name: 'isp2' };
      expect(await requestOf('pbr-add-route', { [alias]: 'isp2', route: 'default dev a' })).toMatchObject({ table });
      expect(await requestOf('pbr-delete-rule', { [alias]: 'isp2', rule: 'to 1.2.3.4' })).toMatchObject({ table });
      expect(await requestOf('pbr-list-rules', { [alias]: 'isp2' })).toMatchObject({ table });
    },
  );

  it('takes the first name that is not empty', async () => {
    const parameters = {
      table: '',
      'table-name': 'isp2',
      'table-id': '5',
      'route-spec': '',
      route_spec: 'default dev a',
    };
    expect(await requestOf('pbr-add-route', parameters)).toMatchObject({
      table: { name: 'isp2' },
      tableText: 'isp2',
      routeText: 'default dev a',
    });
    expect(await requestOf('pbr-add-rule', { id: '5', 'rule-spec': 'to 1.2.3.4' })).toMatchObject({
      ruleText: 'to 1.2.3.4',
    });
    expect(await requestOf('pbr-list-routes', { table: '' })).toMatchObject({ table: undefined });
  });

  it('decodes routes and rules', async () => {
    expect(await requestOf('pbr-add-route', { table: '0xffffffff', route: 'default via 203.0.113.1' })).toEqual({
      action: 'pbr-add-route',
      table: { id: 4294967295 },
      route: { destination: 'default', gateway: '203.0.113.1' },
      tableText: '0xffffffff',
      routeText: 'default via 203.0.113.1',
    });
    expect(await requestOf('pbr-delete-rule', { table: 'main', rule: 'not to 1.2.3.4' })).toMatchObject({
      rule: { not: true, to: { address: '1.2.3.4', prefix: 32 } },
    });
  });

  it('reads hand-made JSON, and numbers for texts', async () => {
    expect((await command('pbr-create-table', { raw: '{"id":100,"name":"isp2","x":null}}' })).request).toMatchObject({
      table: { id: 100, name: 'isp2' },
    });
    expect((await command('dump-config', { raw: '' })).request).toEqual({ action: 'dump-config' });
    expect((await command('pbr-delete-table', { raw: '{"id":"100","comment":"a\nb"}' })).request).toMatchObject({
      table: { id: 100 },
    });
  });

  it('of a table that is deleted, the parameter "table" is either', async () => {
    expect(await requestOf('pbr-delete-table', { table: '100' })).toMatchObject({ table: { id: 100 } });
    expect(await requestOf('pbr-delete-table', { id: '100', table: 'isp2' })).toMatchObject({
      table: { id: 100, name: 'isp2' },
    });
  });

  it.each([
    ['pbr-create-table', {}, /"table-id" is missing/],
    ['pbr-create-table', { id: '5' }, /"table-name" is missing/],
    ['pbr-create-table', { id: '0', name: 'zero' }, /"0": expected a number from 1 to 4294967295/],
    ['pbr-create-table', { id: '4294967296', name: 'a' }, /from 1 to 4294967295/],
    ['pbr-create-table', { id: '254', name: 'a' }, /"254" is reserved/],
    ['pbr-create-table', { id: '5', name: 'main' }, /"main" is reserved/],
    ['pbr-create-table', { id: '5', name: '1a' }, /expected a letter/],
    ['pbr-delete-table', {}, /missing/],
    ['pbr-delete-table', { name: 'local' }, /reserved/],
    ['pbr-add-route', { table: '5' }, /"route" is missing/],
    ['pbr-add-route', { route: 'default dev a' }, /"table" is missing/],
    ['pbr-add-route', { table: '0', route: 'default dev a' }, /table "0": expected/],
    ['pbr-add-route', { table: '5', route: 'default table 6' }, /"table" is not understood; expected \[unicast\|/],
    ['pbr-add-route', { table: '5', route: 'via 1.2.3.4' }, /the route has no destination; expected \[unicast\|/],
    ['pbr-add-rule', { table: '5', rule: ' ' }, /the rule is empty; expected \[not\]/],
    [
      'pbr-add-rule',
      { table: '5', rule: 'from $(hostname)' },
      /"\$\(hostname\)" is not an IPv4 prefix or "all"; expected \[not\]/,
    ],
    ['pbr-list-routes', { table: '1;2' }, /table "1;2": expected/],
  ])('%s %j is refused', async (action, parameters, message) => {
    expect(await failure(action, { parameters })).toMatch(message);
  });

  it.each(['[]', '"text"', '{"a":{}}', '{"a":["b"]}', 'nonsense', '{', '{"a":'])(
    'parameters %s are refused, not shown',
    async (raw) => {
      const message = await failure('any-hook', { raw });
      expect(message).toMatch(/--action-params: expected a JSON object of texts/);
      if (raw.length > 1) expect(message).not.toContain(raw);
    },
  );

  it.each(injections)('%j is refused wherever it stands', async (text) => {
    for (const parameters of [{ table: '5', route: text }]) await failure('pbr-add-route', { parameters });
    await failure('pbr-delete-route', { parameters: { table: text, route: 'default dev a' } });
    await failure('pbr-add-rule', { parameters: { table: '5', rule: text } });
    await failure('pbr-delete-rule', { parameters: { table: text, rule: 'to 1.2.3.4' } });
    await failure('pbr-create-table', { parameters: { id: text, name: 'a' } });
    await failure('pbr-create-table', { parameters: { id: '5', name: text } });
    await failure('pbr-delete-table', { parameters: { name: text } });
    await failure('pbr-list-rules', { parameters: { table: text } });
    await failure(text);
  });
});

describe('an action that is not built in', () => {
  it('goes to a hook with its parameters byte for byte', async () => {
    const raw = '{"newline":"a\\nb", "umlaut":"ü","name":"\\u003cb\\u003e \\u0026 \\"y\\"", "empty":""}';
    expect((await command('collect.stats_2', { raw })).request).toEqual({
      action: 'hook',
      name: 'collect.stats_2',
      parameters: raw,
    });
    expect((await command('collect', { raw: '' })).request).toMatchObject({ parameters: '{}' });
  });

  it.each(['../collect-stats', '.hidden', '..', 'a/b', 'a b', 'a;b', 'a\nb', '$(a)', 'ä', 'a\0', `${'a'.repeat(65)}`])(
    'called %j is refused',
    async (name) => {
      expect(await failure(name)).toMatch(/--action .*expected a name of up to 64/);
    },
  );

  it('with a name of 64 characters is fine', async () => {
    expect((await command('a'.repeat(64))).request.action).toBe('hook');
  });

  it('without a name is refused', async () => {
    expect(await failure('')).toMatch(/--action is missing/);
  });
});

describe('where an action acts', () => {
  it('on a network by its own namespace', async () => {
    expect((await command('dump-config', { details: { namespace: 'cs-net-240' } })).target).toMatchObject({
      networkId: '240',
      vpcId: undefined,
      namespace: 'cs-net-240',
    });
    expect((await command('dump-config')).target).toMatchObject({ namespace: 'cs-net-240' });
  });

  it('on a tier by the details only', async () => {
    for (const details of [
      { namespace: 'cs-vpc-12', vpc_id: '12' },
      { namespace: 'cs-vpc-12' },
      { namespace: 'cs-vpc-12', vpc_id: 12 },
      { vpc_id: '12' },
    ]) {
      expect((await command('dump-config', { details })).target).toMatchObject({
        networkId: '240',
        vpcId: '12',
        namespace: 'cs-vpc-12',
      });
    }
    expect((await command('dump-config', { vpc: '12' })).target).toMatchObject({ networkId: '240', vpcId: '12' });
    expect((await command('dump-config', { network: '', vpc: '12' })).target).toMatchObject({
      networkId: undefined,
      vpcId: '12',
    });
  });

  it.each([
    [{ namespace: 'cs-vpc-12', vpc_id: '13' }, /"vpc_id" "13": expected the VPC of namespace "cs-vpc-12"/],
    [{ namespace: 'cs-net-240', vpc_id: '12' }, /"vpc_id" "12": expected the VPC of namespace/],
    [{ vpc_id: '1;2' }, /"vpc_id" "1;2": expected the decimal id/],
    [{ vpc_id: {} }, /"vpc_id".*expected the decimal id/],
    [{ namespace: 'cs-vpc-' }, /expected cs-vpc-<id of the VPC>/],
    [{ namespace: 'cs-vpc-1;2' }, /expected cs-vpc-<id/],
    [{ namespace: 'cs-vpc-../x' }, /expected cs-vpc-<id/],
    [{ namespace: 'cs-vpc-12\n' }, /expected cs-vpc-<id/],
    [{ namespace: 'cs-net-7' }, /another network's/],
    [{ namespace: '../x' }, /expected a name/],
  ])('details %j are refused', async (details, message) => {
    expect(await failure('dump-config', { details })).toMatch(message);
  });

  it('nowhere without a network', async () => {
    expect(await failure('dump-config', { network: '' })).toMatch(/--network-id is missing/);
  });

  it('a VPC namespace in the details counts for no other command', () => {
    const call = {
      program,
      arguments: ['destroy-network', '--network-id', '240', '--network-extension-details', '{"namespace":"cs-vpc-12"}'],
      environment: {},
      directory: '/',
    };
    expect(() => decode(call)).toThrow(/another network's/);
  });
});
