import { Command, Option } from 'commander';
import { oneLine } from '../daemon/failure.js';
import type { Composition } from './composition.js';
import { defaultExtensionName, parseExtensionName } from './extension-name.js';
import { install } from './install/install.js';
import { installManagement, uninstallManagement } from './install/management.js';
import { uninstall } from './install/uninstall.js';
import { runBatchCommand } from './run-batch.js';
import { runDaemon } from './run-daemon.js';
import { runExec } from './run-exec.js';
import { parseShown } from './run-show.js';
import { describeStatus, readMetrics, readStatus } from './run-status.js';

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** The command line of `cloudstack-netns`. */
export function createProgram(composition: Composition): Command {
  const program = new Command('cloudstack-netns')
    .description('Network controller for Apache CloudStack network-namespace extensions on KVM hosts')
    .version(composition.version)
    .enablePositionalOptions();

  program
    .command('daemon')
    .description('run the daemon in the foreground')
    .action(() => runDaemon(composition));

  program
    .command('exec')
    .description('carry out one command in this process, without the daemon (for debugging)')
    .usage('[--name <name>] -- <command> [options...]')
    .option('--name <name>', 'extension whose network it is about', defaultExtensionName)
    .argument('<command...>', 'the command and its options, as CloudStack gives them')
    .passThroughOptions()
    .action(async (command: string[], options: { name: string }) => {
      process.exitCode = await runExec(composition, parseExtensionName(options.name), command);
    });

  program
    .command('batch')
    .description('carry out many commands, one a line, in as few transactions as they can be')
    .usage('[--name <name>] [--atomic | --continue] [--json] [file]')
    .option('--name <name>', 'extension whose networks they are about', defaultExtensionName)
    .addOption(
      new Option('--atomic', 'all commands about a namespace in one transaction, or none').conflicts('continue'),
    )
    .option('--continue', 'each command for itself (default)')
    .option('--json', 'results as lines of JSON')
    .argument('[file]', 'words, a JSON array of words or a JSON object per line; default: standard input')
    .action(async (file: string | undefined, options: { name: string; atomic?: true; json?: true }) => {
      const extension = parseExtensionName(options.name);
      const isAtomic = options.atomic === true;
      process.exitCode = await runBatchCommand(composition, {
        file,
        extension,
        isAtomic,
        isJson: options.json === true,
      });
    });

  program
    .command('show')
    .description(
      'show what is on this host of one network or VPC: links, addresses, routes, rules with counters, state',
    )
    .usage('[--name <name>] network <id> | vpc <id>')
    .option('--name <name>', 'extension whose network it is', defaultExtensionName)
    .argument('<what...>', '"network <id>", "vpc <id>", or the name of its namespace')
    .action(async (what: string[], options: { name: string }) => {
      const { show } = await composition.loadHost();
      process.stdout.write(await show(parseExtensionName(options.name), parseShown(what)));
    });

  program
    .command('status')
    .description('show what the running daemon says about itself')
    .action(async () => void process.stdout.write(describeStatus(await readStatus(composition.socketPath))));

  program
    .command('metrics')
    .description('show the figures of the running daemon in the text format of Prometheus')
    .action(async () => void process.stdout.write(await readMetrics(composition.socketPath)));

  program
    .command('install')
    .description("install the program as an extension's wrapper on this host, or its program on the management server")
    .requiredOption('--name <name>', 'name of the extension')
    .option('--management', "on CloudStack's management server: the program that calls the hosts")
    .option('--root <directory>', 'install under this directory, for packaging: nothing is enabled or started', '/')
    .option('--node <path>', 'the Node.js that runs the program', process.execPath)
    .action((options: { name: string; root: string; node: string; management?: true }) => {
      const put = options.management === true ? installManagement : install;
      return put({ ...options, name: parseExtensionName(options.name), composition, say });
    });

  program
    .command('uninstall')
    .description(
      "remove an extension's wrapper, or its program on the management server; state and logs stay, user data gets the shell wrapper's layout",
    )
    .requiredOption('--name <name>', 'name of the extension')
    .option('--management', "on CloudStack's management server")
    .option('--root <directory>', 'remove from under this directory', '/')
    .action((options: { name: string; root: string; management?: true }) => {
      const remove = options.management === true ? uninstallManagement : uninstall;
      return remove({ ...options, name: parseExtensionName(options.name), composition, say });
    });

  return program;
}

/** Runs the command line and ends the process: sockets and threads of the kernel layer would keep it alive. */
export async function runProgram(argv: readonly string[], composition: Composition): Promise<never> {
  try {
    await createProgram(composition).parseAsync(argv);
  } catch (error) {
    process.stderr.write(`cloudstack-netns: ${oneLine(error)}\n`);
    process.exit(1);
  }
  process.exit();
}
