import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AddPortForward, Command } from '../../../src/contract/command.js';
import { ContractError } from '../../../src/contract/contract-error.js';
import { decode } from '../../../src/contract/decode.js';
import { formatPortRange } from '../../../src/model/ports.js';
import { anyHostAddress, anyIdentifier, anyPortRange, anyVlan } from '../model/arbitraries.js';

const program = '/etc/cloudstack/extensions/network-namespace/network-namespace-wrapper.sh';

async function request(args: readonly string[], environment: Record<string, string> = {}) {
  return decode({ program, arguments: args, environment, directory: '/' });
}

async function command(line: string, ...more: string[]): Promise<Command> {
  return (await request([...words(line), ...more])).command;
}

async function failure(line: string, ...more: string[]): Promise<string> {
  const error = await request([...words(line), ...more]).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ContractError);
  const { message } = error as ContractError;
  expect(message).not.toMatch(/\n/);
  return message;
}

/** `''` is an empty argument. */
function words(line: string): string[] {
  return line.split(' ').map((word) => (word === "''" ? '' : word));
}

const forward =
  'add-port-forward --network-id 5 --public-ip 203.0.113.7 --public-vlan vlan://101 --private-ip 10.1.1.10';

describe('calls one after the other', () => {
  const details = (device: string) => ({
    CS_PHYSICAL_NETWORK_EXTENSION_DETAILS: `{"guest.network.device":"${device}"}`,
  });
  const [first, second] = [details('bond0'), details('bond1')];
  const own = ['--physical-network-extension-details', '{"guest.network.device":"bond2"}'];
  const named = ['--network-extension-details', '{"namespace":"blue"}'];
  const calls: readonly (readonly [string, readonly string[], Record<string, string>?])[] = [
    [`${forward} --public-port 80 --private-port 8080`, []],
    [`${forward} --public-port 80 --private-port 8080 --protocol udp`, []],
    [`${forward} --public-port 80 --private-port 8080 --vlan 7`, [], first],
    [`${forward} --public-port 80-81 --private-port 90-91 --vlan 7`, [], first],
    [`${forward} --public-port 80 --private-port 8080 --vlan 7`, [], second],
    [`${forward} --public-port 80 --private-port 8080 --vlan 7`, own, second],
    [`${forward} --public-port 80 --private-port 8080 --vlan 7`, named],
    [`${forward} --public-port 80 --private-port 8080 --vpc-id 9`, []],
    [`${forward} --public-port 80 --private-port 8080 --vpc-id x`, []],
    [`${forward} --public-port 0 --private-port 8080`, []],
    [`${forward} --private-port 8080`, []],
    ['delete-port-forward --network-id 6 --vlan 7 --public-ip 203.0.113.7 --public-port 80', []],
    ['delete-port-forward --network-id 6 --vlan nonsense --public-ip 203.0.113.7 --public-port 80', []],
    ['save-password --network-id 5 --ip 10.1.1.10 --password one', []],
    ['save-password --network-id 5 --ip 10.1.1.10 --password two', []],
  ];
  const outcome = ([line, more, environment]: (typeof calls)[number]) =>
    request([...words(line), ...more], environment).catch((error: unknown) => String(error));

  it('do not depend on each other, whatever they have in common', async () => {
    const alone = new Map<(typeof calls)[number], unknown>();
    for (const call of calls) {
      // Between two of the same there is nothing that could be mistaken for it.
      await outcome(['shutdown-network --network-id 999 --vlan 999', []]);
      alone.set(call, await outcome(call));
    }
    expect(new Set([...alone.values()].map((one) => JSON.stringify(one))).size).toBe(calls.length);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...calls), { minLength: 2, maxLength: 30 }), async (some) => {
        for (const call of some) expect(await outcome(call)).toEqual(alone.get(call));
      }),
    );
  });

  it('have in common what is the same', async () => {
    const [one, other] = [await command(calls[0]?.[0] ?? ''), await command(calls[1]?.[0] ?? '')];
    expect(one.target).toBe(other.target);
  });
});

describe('options', () => {
  it('decode a whole command', async () => {
    expect(
      await command(
        'assign-ip --network-id 204 --vlan 1204 --public-ip 203.0.113.5 --source-nat true --gateway 10.1.1.1 --cidr 10.1.1.0/24 --public-gateway 203.0.113.1 --public-cidr 203.0.113.5/24 --public-vlan vlan://101',
        '--physical-network-extension-details',
        '{"guest.network.device":"bond0","public.network.device":"bond1","password":"x"}',
        '--network-extension-details',
        '{"namespace":"cs-net-204"}',
      ),
    ).toEqual({
      name: 'assign-ip',
      target: {
        networkId: '204',
        vpcId: undefined,
        namespace: 'cs-net-204',
        guestDevice: 'bond0',
        publicDevice: 'bond1',
        vlan: 1204,
      },
      publicIp: '203.0.113.5',
      publicVlan: 101,
      publicPrefix: 24,
      publicGateway: '203.0.113.1',
      sourceNat: true,
      gateway: '10.1.1.1',
      cidr: { address: '10.1.1.0', prefix: 24 },
    });
  });

  it('take defaults for what is empty or not sent', async () => {
    expect(
      await command(
        "assign-ip --network-id 40 --vlan '' --public-ip 192.0.2.30 --public-cidr '' --public-vlan '' --public-gateway '' --cidr",
      ),
    ).toEqual({
      name: 'assign-ip',
      target: {
        networkId: '40',
        vpcId: undefined,
        namespace: 'cs-net-40',
        guestDevice: 'eth1',
        publicDevice: 'eth1',
        vlan: undefined,
      },
      publicIp: '192.0.2.30',
      publicVlan: undefined,
      publicPrefix: 32,
      publicGateway: undefined,
      sourceNat: false,
      gateway: undefined,
      cidr: undefined,
    });
  });

  it('skip what is unknown, and let the last of two win', async () => {
    const decoded = await command(
      'shutdown-network --brand-new --network-id 1 --other value --network-id 2 stray --vlan',
    );
    expect(decoded.target.networkId).toBe('2');
  });

  it('never take the value of a known option for an option', async () => {
    expect(
      (await command('shutdown-network --network-id 1 --password --network-id --hostname --vpc-id')).target,
    ).toMatchObject({
      networkId: '1',
      vpcId: undefined,
    });
  });

  it('know the names of generation 0', async () => {
    expect((await command('implement --network-id 1 --vlan 5')).name).toBe('implement-network');
    expect((await command('shutdown --network-id 1')).name).toBe('shutdown-network');
    expect((await command('destroy --network-id 1')).name).toBe('destroy-network');
  });

  it('name the extension by the directory of the program', async () => {
    expect((await request(['shutdown', '--network-id', '1'])).extension).toBe('network-namespace');
    for (const bad of ['wrapper.sh', '/wrapper.sh', '/x/.hidden/wrapper.sh', '/x/a\nb/wrapper.sh', 'x/y/z']) {
      expect(() =>
        decode({ program: bad, arguments: ['shutdown', '--network-id', '1'], environment: {}, directory: '/' }),
      ).toThrow(ContractError);
    }
  });
});

describe('errors', () => {
  it.each([
    [
      `${forward} --public-port 70000 --private-port 22`,
      'add-port-forward: --public-port "70000": expected a port from 1 to 65535',
    ],
    [
      `${forward} --public-port 10-5 --private-port 22`,
      'add-port-forward: --public-port "10-5": expected a range of ports from 1 to 65535, the lower one first, such as 8080-8090',
    ],
    [
      `${forward} --public-port 80-90 --private-port 80-91`,
      'add-port-forward: --private-port "80-91": expected a range of 11 ports to match --public-port 80-90',
    ],
    [
      `${forward} --public-port 80 --private-port 80-91`,
      'add-port-forward: --private-port "80-91": expected one port to match --public-port 80',
    ],
    [`${forward} --public-port 80`, 'add-port-forward: --private-port is missing'],
    [
      `${forward} --public-port 80 --private-port 80 --protocol icmp`,
      'add-port-forward: --protocol "icmp": expected tcp or udp',
    ],
    [
      'add-static-nat --network-id 5 --public-ip 203.0.113.7/24 --private-ip 10.1.1.1',
      'add-static-nat: --public-ip "203.0.113.7/24": expected an IPv4 address of a host such as 10.1.1.1',
    ],
    [
      'add-static-nat --network-id 5 --public-ip 203.0.113.07 --private-ip 10.1.1.1',
      'add-static-nat: --public-ip "203.0.113.07": expected an IPv4 address of a host such as 10.1.1.1',
    ],
    [
      "add-static-nat --network-id 5 --public-ip 203.0.113.7 --private-ip ''",
      'add-static-nat: --private-ip is missing',
    ],
    ['assign-ip --network-id 5 --public-cidr 203.0.113.0/24', 'assign-ip: --public-ip is missing'],
    [
      'assign-ip --network-id 5 --public-ip 203.0.113.7 --source-nat maybe',
      'assign-ip: --source-nat "maybe": expected true or false',
    ],
    [
      'assign-ip --network-id 5 --public-ip 203.0.113.7 --public-cidr 203.0.113.7',
      'assign-ip: --public-cidr "203.0.113.7": expected an IPv4 network such as 10.1.1.0/24',
    ],
    [
      'implement-network --network-id 5 --vlan 5000',
      'implement-network: --vlan "5000": expected a VLAN id from 1 to 4094 or "untagged"',
    ],
    ['implement --network-id 5 --vlan 0', 'implement: --vlan "0": expected a VLAN id from 1 to 4094 or "untagged"'],
    [
      'implement-network --network-id 5 --cidr 10.1.1.0/33',
      'implement-network: --cidr "10.1.1.0/33": expected an IPv4 network such as 10.1.1.0/24',
    ],
    ['implement-network --vlan 5', 'implement-network: --network-id is missing'],
    [
      'implement-network --network-id ../5',
      'implement-network: --network-id "../5": expected a decimal id of 1 to 20 digits',
    ],
    [
      'shutdown-network --network-id 5 --vpc-id x',
      'shutdown-network: --vpc-id "x": expected a decimal id of 1 to 20 digits',
    ],
    ['make-coffee --network-id 5', 'unknown command "make-coffee"'],
    ['constructor', 'unknown command "constructor"'],
    ["''", 'no command given: expected a command such as implement-network'],
  ])('%s', async (line, message) => {
    expect(await failure(line)).toBe(message);
  });

  it('are one line of bounded length whatever the value holds', async () => {
    const message = await failure('implement-network --network-id 5 --vlan', `a\nb\u001b[31m\u2028${'x'.repeat(5000)}`);
    expect(message).toContain('--vlan "a\\nb\\u001b[31m\\u2028xxx');
    expect(message.length).toBeLessThan(250);
  });

  it('never show the details', async () => {
    for (const option of ['--physical-network-extension-details', '--network-extension-details']) {
      for (const text of ['{"password":"SECRET"', 'SECRET', '["SECRET"]', '"SECRET"', '{"a" "SECRET"}']) {
        const message = await failure('shutdown --network-id 5', option, text);
        expect(message).toContain(option);
        expect(message).not.toContain('SECRET');
      }
    }
  });
});

describe('details', () => {
  const physical = '--physical-network-extension-details';
  const network = '--network-extension-details';
  const shutdown = async (...more: string[]) => (await command('shutdown --network-id 5', ...more)).target;

  it('may be followed by anything, and hold raw control characters and escapes', async () => {
    expect((await shutdown(physical, '{"note":"a}\\"{","guest.network.device":"bond0"}}')).guestDevice).toBe('bond0');
    expect(
      (await shutdown(physical, '{"key":"a\nb\tc\u0001","guest.network.device":"bond0"} rubbish')).guestDevice,
    ).toBe('bond0');
    expect(
      (await shutdown(physical, '{"guest.network.device":"bond\\u0030","x":{"y":[1,{"z":null}]}}')).guestDevice,
    ).toBe('bond0');
    expect((await shutdown(network, '{"namespace":"own"}}')).namespace).toBe('own');
    expect((await shutdown(network, '{}}')).namespace).toBe('cs-net-5');
    expect((await shutdown(network, 'null}')).namespace).toBe('cs-net-5');
  });

  it('fall back to the environment', async () => {
    const environment = {
      CS_PHYSICAL_NETWORK_EXTENSION_DETAILS: '{"guest.network.device":"bond0"}',
      CS_NETWORK_EXTENSION_DETAILS: '{"namespace":"own"}',
    };
    expect((await request(['shutdown', '--network-id', '5'], environment)).command.target).toMatchObject({
      guestDevice: 'bond0',
      namespace: 'own',
    });
    expect(
      (await request(['shutdown', '--network-id', '5', physical, '', network, '{}'], environment)).command.target,
    ).toMatchObject({
      guestDevice: 'bond0',
      namespace: 'cs-net-5',
    });
  });

  it('name devices that can be devices', async () => {
    for (const device of ['a/b', '..', 'a b', 'sixteen-letters-', 'eth%d', 5, ['eth0'], {}, true]) {
      const message = await failure(
        'shutdown --network-id 5',
        physical,
        JSON.stringify({ 'public.network.device': device }),
      );
      expect(message).toContain('"public.network.device"');
    }
    expect((await shutdown(physical, '{"public.network.device":"","guest.network.device":null}')).publicDevice).toBe(
      'eth1',
    );
  });

  it('name a namespace that is nobody else’s', async () => {
    for (const name of ['cs-net-6', 'cs-vpc-5', 'cs-vpc-1', '../x', '.x', 'a/b', 'a b', 'x'.repeat(65), 7]) {
      expect(await failure('shutdown --network-id 5', network, JSON.stringify({ namespace: name }))).toContain(
        '"namespace"',
      );
    }
    for (const name of ['cs-net-5', 'cs-net-x', 'tenant_1.a', '']) {
      expect((await shutdown(network, JSON.stringify({ namespace: name }))).namespace).toBe(name || 'cs-net-5');
    }
  });

  it('do not decide where a tier lies', async () => {
    expect((await shutdown('--vpc-id', '7', network, '{"namespace":"cs-vpc-8"}')).namespace).toBe('cs-vpc-7');
  });

  it('cannot reach the prototype', async () => {
    expect((await shutdown(network, '{"__proto__":{"namespace":"other"}}')).namespace).toBe('cs-net-5');
  });
});

describe('commands that take away', () => {
  it('ignore a VLAN that was refused before, and say so', async () => {
    const { command: decoded, warnings } = await request(words('shutdown-network --network-id 42 --vlan 5001'));
    expect(decoded.target).toMatchObject({ networkId: '42', vlan: undefined });
    expect(warnings).toEqual(['shutdown-network: --vlan "5001" is not a VLAN; the saved one counts']);
    expect(await command('release-ip --network-id 42 --public-ip 203.0.113.7 --public-vlan 5001')).toMatchObject({
      publicVlan: undefined,
    });
  });

  it('succeed without the public block', async () => {
    expect(await command('release-ip --network-id 5')).toMatchObject({ publicIp: undefined, publicVlan: undefined });
    expect(await command("delete-static-nat --network-id 5 --private-ip ''")).toMatchObject({
      publicIp: undefined,
      privateIp: undefined,
    });
    expect(
      await command("delete-port-forward --network-id 5 --public-port 4000 --private-ip '' --private-port ''"),
    ).toMatchObject({
      publicIp: undefined,
      protocol: 'tcp',
      publicPorts: { first: 4000, last: 4000 },
    });
  });
});

describe('port forwards', () => {
  it.each([
    ['8080-8090', '8080-8090'],
    ['9080-9090', '8080:8090'],
    ['3000-3000', '3000'],
    ['65535', '1'],
  ])('%s to %s', async (publicPort, privatePort) => {
    const decoded = (await command(
      `${forward} --public-port ${publicPort} --private-port ${privatePort} --protocol UDP`,
    )) as AddPortForward;
    expect(decoded.protocol).toBe('udp');
    expect(decoded.publicPorts.last - decoded.publicPorts.first).toBe(
      decoded.privatePorts.last - decoded.privatePorts.first,
    );
  });

  it('decode to what was encoded', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyIdentifier,
        anyVlan,
        anyHostAddress,
        anyHostAddress,
        anyPortRange,
        fc.constantFrom('tcp', 'udp', 'TCP', 'Udp'),
        fc.constantFrom('-' as const, ':' as const),
        async (id, vlan, publicIp, privateIp, ports, protocol, separator) => {
          const port = formatPortRange(ports, separator);
          expect(
            await command(
              `add-port-forward --network-id ${id} --public-vlan vlan://${vlan} --public-ip ${publicIp} --private-ip ${privateIp} --public-port ${port} --private-port ${port} --protocol ${protocol}`,
            ),
          ).toMatchObject({
            target: { networkId: id, namespace: `cs-net-${id}` },
            publicVlan: vlan,
            publicIp,
            privateIp,
            publicPorts: ports,
            privatePorts: ports,
            protocol: protocol.toLowerCase(),
          });
        },
      ),
    );
  });
});

describe('any text', () => {
  it('is decoded or refused in one line, never anything else', async () => {
    const option = fc.constantFrom(
      '--network-id',
      '--vpc-id',
      '--vlan',
      '--public-ip',
      '--public-port',
      '--private-ip',
      '--private-port',
      '--public-cidr',
      '--physical-network-extension-details',
      '--network-extension-details',
      '--x',
    );
    const value = fc.oneof(fc.string(), fc.constantFrom('5', '10.0.0.1', '22', '{}', '{"namespace":"x"}}'));
    const name = fc.constantFrom(
      'implement-network',
      'assign-ip',
      'release-ip',
      'add-port-forward',
      'delete-static-nat',
    );
    await fc.assert(
      fc.asyncProperty(name, fc.array(fc.oneof(option, value), { maxLength: 20 }), async (called, args) => {
        try {
          const { command: decoded } = await request([called, ...args]);
          expect(decoded.target.networkId).toMatch(/^[0-9]{1,20}$/);
        } catch (error) {
          expect(error).toBeInstanceOf(ContractError);
          expect((error as ContractError).message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
