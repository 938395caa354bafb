import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import {
  type Context,
  runAddSubnet,
  runApply,
  runApplyPolicy,
  runCreateVpc,
  runDeleteVpc,
  runPeer,
  runRemoveNat,
  runRemovePolicy,
  runRemoveSubnet,
  runSetupNat,
  runUnpeer,
} from '../commands.js';
import { readDesired, writeDesired } from '../document/desired-file.js';
import { readDocument, readText } from '../document/read-document.js';
import { placeOfPolicy } from '../edits/policy.js';
import { requireSubnet, requireVpc } from '../edits/with-vpc.js';
import { graphDot } from '../graph/dot.js';
import { graphSvg } from '../graph/svg.js';
import { topologyOf } from '../graph/topology.js';
import { policyFileSchema } from '../model/policy.js';
import { VpcctlError } from '../vpcctl-error.js';
import { completionScript, completionsFor, shells } from './completion.js';
import { type Field, fieldValues, usage } from './fields.js';
import { runInNamespace } from './run-in-subnet.js';
import { formatList, formatVpc } from './show.js';

/** What the command line is put together from. */
export interface Composition {
  readonly context: (options: { readonly dryRun: boolean }) => Context;
  readonly version: string;
}

type Options = Readonly<Record<string, unknown>>;
type Values = readonly (string | undefined)[];

const vpcField: Field = { name: 'vpc', options: ['vpc', 'name'] };
const ofVpc: Field = { name: 'vpc', options: ['vpc'] };
const subnetField: Field = { name: 'subnet', options: ['name', 'subnet'] };
const cidrField: Field = { name: 'cidr', options: ['cidr'] };
const typeField: Field = { name: 'public|private', options: ['type'] };
const interfaceField: Field = { name: 'interface', options: ['interface'], optional: true };
const peerField: Field = { name: 'other-vpc', options: ['peer'] };

const optionWords: Readonly<Record<string, string>> = {
  vpc: 'the VPC',
  name: 'what it is called',
  subnet: 'the subnet',
  cidr: 'its IPv4 network, for example 10.0.0.0/16',
  type: 'public or private',
  interface: 'the interface it leads out of; default: that of the default route',
  peer: 'the other VPC',
};

/** The command line of `vpcctl`. */
export function createProgram({ context, version }: Composition): Command {
  const program = new Command('vpcctl')
    .description('VPCs on one host: subnets in network namespaces, NAT, peering, security policies')
    .version(version)
    .enablePositionalOptions()
    .configureHelp({
      subcommandTerm: (one) => `${one.name()} ${one.usage().replace('[options] ', '').replace('[options]', '')}`,
    })
    .addHelpText(
      'after',
      examples('create-vpc shop 10.0.0.0/16', 'add-subnet shop web 10.0.1.0/24 public', 'setup-nat shop'),
    );

  const reading = () => context({ dryRun: false });
  const print = (text: string) => void process.stdout.write(text);

  /** A command with values, in their order or by option. */
  const command = (
    name: string,
    description: string,
    fields: readonly Field[],
    ...shown: readonly string[]
  ): Command => {
    const made = program.command(name).description(description).argument('[values...]');
    made.usage(`[options] ${usage(name, fields).split(' ').slice(2).join(' ')}`);
    for (const option of new Set(fields.flatMap((field) => field.options))) {
      made.option(`--${option} <${option}>`, optionWords[option]);
    }
    return made.addHelpText('after', examples(...shown));
  };

  /** A command that changes something. */
  const changing = (
    name: string,
    description: string,
    fields: readonly Field[],
    shown: readonly string[],
    run: (context: Context, values: Values) => Promise<void>,
  ): void => {
    command(name, description, fields, ...shown)
      .option('--dry-run', 'print the plan and change nothing')
      .action((words: string[], options: Options) =>
        run(context({ dryRun: options.dryRun === true }), fieldValues(name, fields, words, options)),
      );
  };

  changing(
    'create-vpc',
    'make a VPC: a bridge with the first address of its network',
    [vpcField, cidrField],
    ['create-vpc shop 10.0.0.0/16', 'create-vpc --name shop --cidr 10.0.0.0/16'],
    (place, [vpc = '', cidr = '']) => runCreateVpc(place, vpc, cidr),
  );
  changing(
    'add-subnet',
    'add a subnet to a VPC: a namespace that reaches the other subnets, and with NAT the internet if it is public',
    [ofVpc, subnetField, cidrField, typeField],
    ['add-subnet shop web 10.0.1.0/24 public', 'add-subnet --vpc shop --name db --cidr 10.0.2.0/24 --type private'],
    (place, [vpc = '', name = '', cidr = '', type = '']) => runAddSubnet(place, { vpc, name, cidr, type }),
  );
  changing(
    'remove-subnet',
    'end the processes of a subnet and take it away',
    [ofVpc, subnetField],
    ['remove-subnet shop web'],
    (place, [vpc = '', name = '']) => runRemoveSubnet(place, vpc, name),
  );
  changing(
    'setup-nat',
    'let the public subnets of a VPC out to the internet',
    [vpcField, interfaceField],
    ['setup-nat shop', 'setup-nat shop eth0'],
    (place, [vpc = '', link]) => runSetupNat(place, vpc, link),
  );
  changing('remove-nat', 'close the way out of a VPC', [vpcField], ['remove-nat shop'], (place, [vpc = '']) =>
    runRemoveNat(place, vpc),
  );
  changing(
    'peer',
    'let two VPCs talk to each other',
    [ofVpc, peerField],
    ['peer shop lab', 'peer --vpc shop --peer lab'],
    (place, [one = '', other = '']) => runPeer(place, one, other),
  );
  changing(
    'unpeer',
    'keep two VPCs apart again',
    [ofVpc, peerField],
    ['unpeer shop lab'],
    (place, [one = '', other = '']) => runUnpeer(place, one, other),
  );
  changing(
    'delete-vpc',
    'end the processes of a VPC and take all of it away',
    [vpcField],
    ['delete-vpc shop'],
    (place, [vpc = '']) => runDeleteVpc(place, vpc),
  );

  program
    .command('apply-policy')
    .description('put a policy file in force: what may come in to a subnet and what may go out')
    .argument('<file>', 'JSON or YAML')
    .option('--vpc <vpc>', 'the VPC of the subnet, where several have one of that name')
    .option('--dry-run', 'print the plan and change nothing')
    .addHelpText('after', examples('apply-policy web.json'))
    .action((file: string, options: { vpc?: string; dryRun?: true }) =>
      runApplyPolicy(
        context({ dryRun: options.dryRun === true }),
        readDocument(file, readText(file), policyFileSchema),
        options.vpc,
      ),
    );

  program
    .command('remove-policy')
    .description('take the policy of a subnet away')
    .usage('[options] <file> | <vpc> <subnet>')
    .argument('<values...>', 'the policy file, or the VPC and the subnet')
    .option('--dry-run', 'print the plan and change nothing')
    .addHelpText('after', examples('remove-policy shop web', 'remove-policy web.json'))
    .action((words: string[], options: Options) => {
      const [first = '', second, ...others] = words;
      if (others.length > 0)
        throw new VpcctlError(`remove-policy: "${others[0]}" is too much; expected a file, or a VPC and a subnet`);
      return runRemovePolicy(context({ dryRun: options.dryRun === true }), (vpcs) => {
        if (second !== undefined) return [first, second];
        const { vpc, subnet } = placeOfPolicy(vpcs, readDocument(first, readText(first), policyFileSchema));
        return [vpc.name, subnet.name];
      });
    });

  program
    .command('list')
    .description('list the VPCs')
    .option('--json', 'the metadata of all of them')
    .addHelpText('after', examples('list', 'list --json'))
    .action((options: { json?: true }) => {
      const vpcs = reading().store.read();
      print(options.json === true ? jsonText([...vpcs.values()]) : formatList(vpcs));
    });

  command('show', 'show a VPC with its subnets', [vpcField], 'show shop', 'show shop --json')
    .option('--json', 'its metadata')
    .action((words: string[], options: Options) => {
      const [name = ''] = fieldValues('show', [vpcField], words, options);
      const vpcs = reading().store.read();
      const vpc = requireVpc(vpcs, name);
      print(options.json === true ? jsonText(vpc) : formatVpc(vpc, vpcs));
    });

  program
    .command('exec')
    .description('run a command in a subnet')
    .usage('<vpc> <subnet> -- <command...>')
    .argument('<vpc>')
    .argument('<subnet>')
    .argument('<command...>')
    .passThroughOptions()
    .addHelpText('after', examples('exec shop web -- ping -c 1 10.0.2.10'))
    .action(async (vpc: string, subnet: string, argv: string[]) => {
      const { store, kernel } = reading();
      const { namespace, cidr, type } = requireSubnet(requireVpc(store.read(), vpc), subnet);
      if (!kernel.isNamespace(namespace)) {
        throw new VpcctlError(
          `subnet ${subnet} of VPC ${vpc}: namespace ${namespace} is not there; expected it to be made again by "vpcctl add-subnet ${vpc} ${subnet} ${cidr} ${type}"`,
        );
      }
      // What follows is passed on as it is, the dashes that end our own options included.
      process.exitCode = await runInNamespace(namespace, argv[0] === '--' ? argv.slice(1) : argv);
    });

  command(
    'graph',
    'draw a VPC with its peers, or all VPCs',
    [{ ...vpcField, optional: true }],
    'graph shop -o shop.svg',
    'graph shop --format dot',
  )
    .addOption(
      new Option('--format <format>', 'a picture, or the language of Graphviz').choices(['svg', 'dot']).default('svg'),
    )
    .option('-o, --output <file>', 'where to write it; default: standard output')
    .action((words: string[], options: Options) => {
      const [name] = fieldValues('graph', [{ ...vpcField, optional: true }], words, options);
      const vpcs = reading().store.read();
      const topology = topologyOf(vpcs, name === undefined ? [...vpcs.keys()] : [requireVpc(vpcs, name).name]);
      write(options.output, options.format === 'dot' ? graphDot(topology) : graphSvg(topology));
    });

  program
    .command('apply')
    .description('make VPCs what a file says: the difference is shown, and only the difference is carried out')
    .argument('<file>', 'YAML or JSON, as export writes it')
    .option('--dry-run', 'print the plan and change nothing')
    .addHelpText('after', examples('apply shop.yaml', 'apply shop.yaml --dry-run'))
    .action((file: string, options: { dryRun?: true }) =>
      runApply(context({ dryRun: options.dryRun === true }), readDesired(file, readText(file))),
    );

  program
    .command('export')
    .description('write VPCs as the file that apply reads')
    .argument('[vpcs...]', 'default: all of them')
    .option('--json', 'JSON instead of YAML')
    .option('-o, --output <file>', 'where to write it; default: standard output')
    .addHelpText('after', examples('export shop -o shop.yaml'))
    .action((names: string[], options: Options) => {
      const vpcs = reading().store.read();
      const chosen = names.length === 0 ? [...vpcs.values()] : names.map((name) => requireVpc(vpcs, name));
      write(options.output, writeDesired(chosen, options.json === true ? 'json' : 'yaml'));
    });

  program
    .command('completion')
    .description('print what makes a shell complete commands and names')
    .argument('<shell>', shells.join(', '))
    .addHelpText('after', '\nExample:\n  source <(vpcctl completion bash)\n')
    .action((shell: string) => print(completionScript(shell)));

  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .passThroughOptions()
    .action((words: string[]) => {
      for (const word of completionsFor(program, reading().store, words)) print(`${word}\n`);
    });

  return program;
}

function examples(...shown: readonly string[]): string {
  return `\n${shown.length === 1 ? 'Example' : 'Examples'}:\n${shown.map((line) => `  vpcctl ${line}\n`).join('')}`;
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function write(file: unknown, text: string): void {
  if (typeof file !== 'string') return void process.stdout.write(text);
  writeFileSync(file, text);
}
