import { ask } from '../daemon/ask.js';
import { messageIn } from '../daemon/failure.js';
import { metricsCommand } from '../daemon/metrics.js';
import { type DaemonStatus, daemonStatus, statusCommand } from '../daemon/status.js';

/**
 * What the running daemon says about itself.
 *
 * @throws NoDaemonError
 */
export async function readStatus(socketPath: string): Promise<DaemonStatus> {
  return daemonStatus.parse(JSON.parse(await askDaemon(socketPath, statusCommand)));
}

/**
 * The daemon's figures in the text format of Prometheus.
 *
 * @throws NoDaemonError
 */
export function readMetrics(socketPath: string): Promise<string> {
  return askDaemon(socketPath, metricsCommand);
}

async function askDaemon(socketPath: string, command: string): Promise<string> {
  const reply = await ask(socketPath, {
    program: '/cloudstack-netns',
    arguments: [command],
    environment: {},
    directory: '/',
  });
  if (reply.exitCode !== 0) throw new Error(messageIn(reply.stderr));
  return reply.stdout;
}

/** The status as lines for a person. */
export function describeStatus(status: DaemonStatus): string {
  const { version, pid, uptime, commands, services, servedNetworks, capabilities } = status;
  const lines = [
    `version      ${version}`,
    `pid          ${pid}`,
    `uptime       ${describeDuration(uptime)}`,
    `commands     ${commands.done} done (${commands.failed} failed), ${commands.running} running`,
    `services     ${services.filter((service) => service.pid !== undefined).length} of ${services.length} run`,
    ...services
      .filter(({ pid: process, restarts }) => process === undefined || restarts > 0)
      .map((service) => `service      ${describeService(service)}`),
    `user data    served to the guests of ${servedNetworks} ${servedNetworks === 1 ? 'network' : 'networks'}`,
    ...Object.entries(capabilities).map(([name, value]) => `capability   ${name}: ${describeCapability(value)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Those that are as they should be are only counted. */
function describeService({
  name,
  extension,
  networkId,
  pid,
  restarts,
  problem,
}: DaemonStatus['services'][number]): string {
  const state = pid === undefined ? `does not run${problem === undefined ? '' : ` (${problem})`}` : `runs as ${pid}`;
  return `${extension} network ${networkId}: ${name} ${state}, started again ${restarts} times`;
}

function describeCapability(value: boolean | number | string): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

function describeDuration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days ${hours % 24} h`;
}
