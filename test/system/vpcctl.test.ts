import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerWithin, briefly } from '../host/patience.js';
import type { Frame } from '../host/probes.js';
import { projectRoot } from '../host/project-root.js';
import { internet } from './scene.js';
import { VpcHost } from './vpcctl.js';

describe('vpcctl', () => {
  let scene: VpcHost;

  beforeAll(async () => {
    scene = await VpcHost.create();
    await scene.internet.listenTcp(80);
  });
  afterAll(() => scene?.destroy());

  const production = {
    name: 'production',
    cidr: '10.0.0.0/16',
    subnets: [
      { name: 'web', cidr: '10.0.1.0/24', type: 'public' },
      { name: 'db', cidr: '10.0.2.0/24', type: 'private' },
    ],
  };
  const staging = {
    name: 'staging',
    cidr: '10.1.0.0/16',
    subnets: [{ name: 'web', cidr: '10.1.1.0/24', type: 'public' }],
  };
  const web = () => scene.subnet('production', 'web');
  const db = () => scene.subnet('production', 'db');
  const other = () => scene.subnet('staging', 'web');

  test('makes a VPC whose subnets reach each other, without forwarding on the host', async () => {
    await scene.vpcctl('create-vpc production 10.0.0.0/16');
    await scene.vpcctl('add-subnet production web 10.0.1.0/24 public');
    await scene.vpcctl('add-subnet --vpc production --name db --cidr 10.0.2.0/24 --type private');
    await db().listenTcp(5432);
    await web().listenTcp(80);
    expect(await scene.host.self.sysctl('net.ipv4.ip_forward')).toBe('0');
    expect(await web().tcp('10.0.2.10', 5432)).toMatchObject({ result: 'open', seen: { peer: '10.0.1.10' } });
    expect(await db().ping('10.0.1.10')).toBe('answered');
    expect(await web().ping('10.0.0.1')).toBe('answered');
    expect((await scene.host.self.addresses())['br-production']).toEqual(['10.0.0.1/16']);
    expect(await web().addresses()).toMatchObject({ lo: ['127.0.0.1/8'], 'veth-web-ns': ['10.0.1.10/24'] });
  });

  test('lets all processors take what a bridge hands on, unless somebody has chosen', async () => {
    const file = '/sys/class/net/br-production/queues/rx-0/rps_cpus';
    const { self } = scene.host;
    const isSteered = async () => /[1-9a-f]/.test(await self.output('cat', file));
    const hasChoice = Number(await self.output('nproc')) > 1;
    expect(await isSteered()).toBe(hasChoice);
    await self.run(['sh', '-c', `echo 0 >${file}`]);
    await scene.vpcctl('create-vpc production 10.0.0.0/16');
    expect(await isSteered()).toBe(hasChoice);
    await self.run(['sh', '-c', `echo 1 >${file}`]);
    await scene.vpcctl('create-vpc production 10.0.0.0/16');
    expect(await self.output('cat', file)).toMatch(/^[0,]*1\n$/);
    await self.run(['sh', '-c', `echo 0 >${file}`]);
    await scene.vpcctl('create-vpc production 10.0.0.0/16');
  });

  test('lets frames from subnet to subnet past the bridge, unless somebody filters what passes bridges', async () => {
    const { self } = scene.host;
    const count = 20;
    /** Of some packets to the other subnet and as many answers, how many the bridge has handed on. */
    const bridged = async () => {
      const statistics = ['db', 'web'].map((name) => `/sys/class/net/veth-${name}/statistics/tx_packets`);
      const sum = async () =>
        (await self.output('cat', ...statistics)).split('\n').reduce((total, line) => total + Number(line), 0);
      const before = await sum();
      expect((await web().run(['ping', '-q', `-c${count}`, '-i0.01', '10.0.2.10'])).exit).toBe(0);
      return (await sum()) - before;
    };
    // The first ones go through the gateway, which tells of the way past it.
    const isTaken = () => self.eventually(async () => (await bridged()) < count);
    await scene.apply(production);
    expect(await isTaken()).toBe(true);
    if (await scene.filterBridges(true)) {
      await scene.apply(production);
      expect(await bridged()).toBeGreaterThanOrEqual(2 * count);
      await scene.filterBridges(false);
    }
    await scene.apply(production);
    expect(await isTaken()).toBe(true);
    await self.run(['nft', 'add', 'table', 'bridge', 'mine']);
    await scene.apply(production);
    expect(await bridged()).toBeGreaterThanOrEqual(2 * count);
    await self.run(['nft', 'delete', 'table', 'bridge', 'mine']);
    await scene.apply(production);
    expect(await isTaken()).toBe(true);
  });

  test('keeps two VPCs apart, also where their subnets have one name', async () => {
    await scene.apply(staging);
    await other().listenTcp(80);
    const names = await scene.linkNames();
    expect(names).toContain('veth-web');
    expect(names.filter((name) => /^veth-[0-9a-f]{10}$/.test(name))).toHaveLength(1);
    expect(
      await Promise.all([
        web().ping('10.1.1.10', briefly),
        other().ping('10.0.1.10', briefly),
        other().ping('10.0.0.1', briefly),
      ]),
    ).toEqual(['blocked', 'blocked', 'blocked']);
  });

  test('lets public subnets out with the address of the host, private ones never', async () => {
    expect(await web().tcp(internet, 80, briefly)).toMatchObject({
      result: expect.stringMatching('blocked|unreachable'),
    });
    await scene.vpcctl('setup-nat production');
    const watch = await scene.internet.watch('eth0');
    expect(await web().tcp(internet, 80)).toMatchObject({ result: 'open', seen: { peer: VpcHost.address } });
    expect(await db().tcp(internet, 80, briefly)).toMatchObject({ result: 'blocked' });
    // What comes later is seen: so would be what came before.
    expect(await web().ping(internet)).toBe('answered');
    const seen = await watch.until(
      (frames) => frames.some((frame) => frame.kind === 'ip' && frame.protocol === 1),
      answerWithin,
    );
    const sources = new Set(seen.flatMap((frame) => (frame.kind === 'ip' && !frame.outgoing ? [frame.source] : [])));
    expect([...sources]).toEqual([VpcHost.address]);
    await watch.close();
    // A subnet that comes later is let out, too.
    expect(await scene.vpcctl('add-subnet production late 10.0.3.0/24 public')).toContain('+ subnet production late');
    expect(await scene.subnet('production', 'late').tcp(internet, 80)).toMatchObject({ result: 'open' });
    // The host forwards now; the VPCs stay apart, and nobody comes in by himself.
    await scene.internet.ipBatch([['route', 'add', '10.0.0.0/16', 'via', VpcHost.address]]);
    expect(await Promise.all([web().ping('10.1.1.10', briefly), scene.internet.ping('10.0.1.10', briefly)])).toEqual([
      'blocked',
      'blocked',
    ]);
  });

  test('lets peers talk until they are none any more, and not the peers of peers', async () => {
    await scene.apply({
      name: 'third',
      cidr: '10.2.0.0/16',
      subnets: [{ name: 'web', cidr: '10.2.1.0/24', type: 'private' }],
    });
    const third = scene.subnet('third', 'web');
    await third.listenTcp(80);
    await scene.vpcctl('peer production staging');
    await scene.vpcctl('peer --vpc staging --peer third');
    const connection = await web().connect('10.1.1.10', 80);
    expect(connection.seen.peer).toBe('10.0.1.10');
    expect(await other().tcp('10.0.2.10', 5432)).toMatchObject({ result: 'open', seen: { peer: '10.1.1.10' } });
    expect(await third.tcp('10.1.1.10', 80)).toMatchObject({ result: 'open' });
    expect(await web().tcp('10.2.1.10', 80, briefly)).toMatchObject({ result: 'blocked' });
    // Not by Ethernet either, past the routes.
    await web().ipBatch([['route', 'add', '10.2.0.0/16', 'dev', 'veth-web-ns']]);
    expect(await web().tcp('10.2.1.10', 80, briefly)).toMatchObject({
      result: expect.stringMatching('blocked|unreachable'),
    });
    await web().ipBatch([['route', 'delete', '10.2.0.0/16']]);
    // Three that are peers of each other are no loop: a question to all comes back to nobody.
    await scene.vpcctl('peer production third');
    expect(await web().tcp('10.2.1.10', 80)).toMatchObject({ result: 'open' });
    const watch = await third.watch('veth-web-ns');
    expect(await web().ping('10.1.1.99', briefly)).not.toBe('answered');
    expect(await third.ping('10.2.0.1')).toBe('answered');
    const isAnswer = (frame: Frame) => frame.kind === 'ip' && frame.protocol === 1 && frame.source === '10.2.0.1';
    const frames = await watch.until((seen) => seen.some(isAnswer), answerWithin);
    expect(frames.filter((frame) => frame.kind === 'arp' && frame.target === '10.1.1.99')).toEqual([]);
    await watch.close();

    await scene.vpcctl('unpeer production staging');
    expect(await connection.exchange()).toBe('silent');
    expect(await web().tcp('10.1.1.10', 80, briefly)).toMatchObject({
      result: expect.stringMatching('blocked|unreachable'),
    });
    expect(await third.tcp('10.1.1.10', 80)).toMatchObject({ result: 'open' });
    expect(await web().tcp('10.2.1.10', 80)).toMatchObject({ result: 'open' });
    await connection.close();
    expect(await scene.vpcctl('delete-vpc third')).toContain('- peering production third');
  });

  test('lets in what a policy allows, in its order, and nothing else', async () => {
    await web().listenTcp(22);
    await web().listenTcp(8080);
    await web().listenUdp(53);
    const policy = {
      version: '1.0',
      subnet: '10.0.1.0/24',
      namespace: 'production-web',
      ingress: [
        { port: 80, protocol: 'tcp', action: 'allow' },
        { port: 22, protocol: 'tcp', source: '10.0.2.10', action: 'deny' },
        { port: '20-30', protocol: 'tcp', source: '10.0.0.0/16', action: 'allow', description: 'SSH' },
      ],
      egress: [{ destination: '10.0.2.0/24', port: 5432, protocol: 'tcp', action: 'deny' }],
    };
    const late = scene.subnet('production', 'late');
    await scene.vpcctl('apply-policy FILE', { FILE: JSON.stringify(policy) });
    expect(await db().tcp('10.0.1.10', 80)).toMatchObject({ result: 'open' });
    expect(await late.tcp('10.0.1.10', 22)).toMatchObject({ result: 'open' });
    const refused = await Promise.all([
      db().tcp('10.0.1.10', 22, briefly),
      late.tcp('10.0.1.10', 8080, briefly),
      late.udp('10.0.1.10', 53, briefly),
      web().tcp('10.0.2.10', 5432, briefly),
    ]);
    expect(refused.map(({ result }) => result)).toEqual(['blocked', 'blocked', 'blocked', 'blocked']);
    expect(await web().ping('10.0.2.10')).toBe('answered');
    expect(await web().tcp(internet, 80)).toMatchObject({ result: 'open' });
    await scene.vpcctl('remove-policy production web');
    expect(await late.tcp('10.0.1.10', 8080)).toMatchObject({ result: 'open' });
    expect(await web().tcp('10.0.2.10', 5432)).toMatchObject({ result: 'open' });
  });

  test('makes VPCs what a file says, and writes that file', async () => {
    const file = await scene.vpcctl('export');
    expect(await scene.vpcctl('apply FILE', { FILE: file })).toBe('nothing to change\n');
    const sleeper = await scene
      .subnet('production', 'late')
      .run(['sh', '-c', 'sleep 1000 >/dev/null 2>&1 </dev/null & echo $!']);
    const [, db_] = production.subnets;
    const difference = await scene.apply({
      ...production,
      nat: true,
      peers: ['staging'],
      subnets: [db_, { name: 'web', cidr: '10.0.1.0/24', type: 'private' }],
    });
    expect(difference.split('\n').map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
      '- subnet production late',
      '~ subnet production web',
      '+ peering production staging',
      '',
    ]);
    expect((await scene.host.self.run(['kill', '-0', sleeper.stdout.trim()])).exit).not.toBe(0);
    expect(await web().tcp(internet, 80, briefly)).toMatchObject({ result: 'blocked' });
    expect(await web().tcp('10.1.1.10', 80)).toMatchObject({ result: 'open' });
  });

  test('changes nothing when a call is repeated, or only asked what it would do', async () => {
    const before = await scene.vpcctl('list --json');
    for (const line of ['create-vpc production 10.0.0.0/16', 'setup-nat production', 'peer staging production']) {
      expect(await scene.vpcctl(line)).toBe('nothing to change\n');
    }
    const plan = await scene.vpcctl('create-vpc fourth 10.4.0.0/16 --dry-run');
    expect(plan).toContain('# + vpc fourth 10.4.0.0/16 (bridge br-fourth, gateway 10.4.0.1)');
    // What it prints is what nft takes.
    await scene.host.self.loadRules(plan);
    await scene.vpcctl('create-vpc production 10.0.0.0/16');
    expect(await scene.vpcctl('list --json')).toBe(before);
    const refused = await scene.call('create-vpc production 10.9.0.0/16');
    expect(refused).toMatchObject({ exit: 1, stdout: '' });
    expect(refused.stderr).toBe('vpcctl: VPC production: is there with 10.0.0.0/16; expected that, or another name\n');
  });

  test('says which interface is not there, and completes names in a shell', async () => {
    const refused = await scene.call('setup-nat staging nowhere0');
    expect(refused.stderr).toBe(
      'vpcctl: NAT: "nowhere0": no such interface on this host; expected one that leads to the internet\n',
    );
    const script =
      'source <(vpcctl completion bash); COMP_WORDS=(vpcctl show st); COMP_CWORD=2; _vpcctl; echo $COMPREPLY';
    const { stdout } = await scene.host.self.run(['bash', '-c', `PATH=${join(projectRoot, 'bin')}:$PATH; ${script}`]);
    expect(stdout).toBe('staging\n');
  });

  test('does calls that come at once one after the other', async () => {
    const names = ['one', 'two', 'three', 'four'];
    await scene.vpcctl('create-vpc crowd 10.5.0.0/16');
    await Promise.all(names.map((name, index) => scene.vpcctl(`add-subnet crowd ${name} 10.5.${index}.0/24 private`)));
    const { subnets } = JSON.parse(await scene.vpcctl('show crowd --json')) as { subnets: { name: string }[] };
    expect(subnets.map(({ name }) => name).sort()).toEqual([...names].sort());
    expect(await scene.subnet('crowd', 'one').ping('10.5.3.10')).toBe('answered');
  });

  test('shortens names that are too long, and takes over what another program has left', async () => {
    const long = 'a-name-of-thirty-two-characters-';
    const metadata = {
      name: 'old',
      cidr: '10.6.0.0/16',
      bridge: 'br-old',
      owner: { kept: true },
      subnets: [
        {
          name: 'app',
          cidr: '10.6.1.0/24',
          type: 'public',
          namespace: 'old-app',
          veth_host: 'vp-app',
          veth_ns: 'vn-app',
          rack: 7,
        },
      ],
    };
    await scene.host.writeFile('/var/run/vpcctl/old.json', JSON.stringify(metadata));
    await scene.vpcctl('create-vpc old 10.6.0.0/16');
    await scene.vpcctl('add-subnet old app 10.6.1.0/24 public');
    await scene.vpcctl(`create-vpc ${long} 10.7.0.0/16`);
    await scene.vpcctl(`add-subnet ${long} ${long} 10.7.1.0/28 private`);
    await scene.vpcctl(`peer old ${long}`);
    expect(await scene.linkNames()).toEqual(expect.arrayContaining(['br-old', 'vp-app']));
    expect(await scene.subnet('old', 'app').ping('10.7.1.10')).toBe('answered');
    const vpcs = JSON.parse(await scene.vpcctl('list --json')) as { name: string; bridge: string; subnets: object[] }[];
    expect(vpcs.find(({ name }) => name === 'old')).toMatchObject({
      owner: { kept: true },
      subnets: [{ rack: 7, veth_ns: 'vn-app' }],
    });
    expect(vpcs.find(({ name }) => name === long)?.bridge).toMatch(/^br-[0-9a-f]{10}$/);
  });

  test('keeps VPCs with one network apart', async () => {
    const twin = (name: string) => ({
      name,
      cidr: '10.8.0.0/16',
      subnets: ['a', 'b'].map((subnet, index) => ({ name: subnet, cidr: `10.8.${index}.0/24`, type: 'private' })),
    });
    await scene.apply({ vpcs: [twin('left'), twin('right')] });
    await scene.subnet('right', 'b').listenTcp(80);
    expect(await scene.subnet('right', 'a').tcp('10.8.1.10', 80)).toMatchObject({ result: 'open' });
    expect(await scene.subnet('left', 'a').tcp('10.8.1.10', 80)).toMatchObject({ result: 'refused' });
  });

  test('leaves nothing behind', async () => {
    const code = await scene.call('exec production db -- sh -c exit\t7');
    expect(code.exit).toBe(7);
    const { stdout } = await db().run(['sh', '-c', 'sleep 1000 >/dev/null 2>&1 </dev/null & echo $!']);
    const vpcs = JSON.parse(await scene.vpcctl('list --json')) as { name: string }[];
    await Promise.all(vpcs.map(({ name }) => scene.vpcctl(`delete-vpc ${name}`)));
    expect((await scene.host.self.run(['kill', '-0', stdout.trim()])).exit).not.toBe(0);
    expect(await scene.host.namespaces()).toEqual([]);
    expect((await scene.linkNames()).filter((name) => /^(?:br-|veth-|peer-|vp-)/.test(name))).toEqual([]);
    expect(await scene.host.self.output('nft', 'list', 'ruleset')).toBe('');
    expect(await scene.host.self.output('ip', 'rule')).not.toContain('br-');
    expect(Object.keys(await scene.host.tree('/run/vpcctl')).filter((path) => path.endsWith('.json'))).toEqual([]);
  });
});
