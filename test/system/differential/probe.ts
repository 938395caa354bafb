import { join } from 'node:path';
import { answerWithin, briefly } from '../../host/patience.js';
import type { Frame, Seen } from '../../host/probes.js';
import { projectRoot } from '../../host/project-root.js';
import type { Stage } from './stage.js';
import type { Probe } from './vocabulary.js';

/** What became of a packet. */
interface Observation {
  readonly result: 'open' | 'answered' | 'refused' | 'blocked' | 'unreachable';
  readonly seen?: Seen | undefined;
}

const packetProgram = join(projectRoot, 'test/system/differential/packet.py');

/** Sends the probe's packet; what became of it, in the words of the table, so that equal texts are a true outcome. */
export async function send(stage: Stage, probe: Probe): Promise<string> {
  const observation = await observe(stage, probe);
  if (probe.outcome === 'closed' && !isWayIn(observation)) return inWords(probe);
  if (observation.result === 'blocked') return 'dropped';
  if (observation.result !== 'open') return observation.result;
  const { seen } = observation;
  if (seen === undefined) return 'open, but nobody says who';
  return inWords({
    outcome: `reaches ${stage.ownerOf(seen.local ?? '')}`,
    ...(probe.seenFrom === undefined ? {} : { seenFrom: seen.peer }),
    ...(probe.atPort === undefined ? {} : { atPort: seen.localPort }),
  });
}

/** What a table says of a packet, as text. */
export function inWords(said: Pick<Probe, 'outcome' | 'seenFrom' | 'atPort'>): string {
  const port = said.atPort === undefined ? '' : ` at port ${said.atPort}`;
  return said.outcome + port + (said.seenFrom === undefined ? '' : ` seen from ${said.seenFrom}`);
}

function isWayIn({ result }: Observation): boolean {
  return result === 'open' || result === 'answered';
}

async function observe(stage: Stage, probe: Probe): Promise<Observation> {
  const { machine, from } = stage.sender(probe.from);
  const to = stage.address(probe.to);
  const timeout = probe.outcome === 'dropped' || probe.outcome === 'closed' ? briefly.timeout : answerWithin;
  const options = from === undefined ? { timeout } : { from, timeout };
  if ('tcp' in probe) {
    const { result, seen } = await machine.tcp(to, probe.tcp, options);
    return { result, seen: seen ?? undefined };
  }
  if ('udp' in probe) return machine.udp(to, probe.udp, options);
  if ('ping' in probe) return { result: await machine.ping(to, options) };
  if ('icmp' in probe) return askByIcmp(stage, probe.from, to, probe.icmp, timeout);
  return sendProtocol(stage, probe, to, timeout);
}

async function askByIcmp(
  stage: Stage,
  sender: string,
  to: string,
  typeAndCode: string,
  timeout: number,
): Promise<Observation> {
  const { machine, from } = stage.sender(sender);
  const seconds = String(timeout / 1000);
  const argv = ['python3', '-I', '-S', packetProgram, from ?? '-', to, '1', ...typeAndCode.split('/'), seconds];
  return { result: (await machine.output(...argv)).trim() === 'answered' ? 'answered' : 'blocked' };
}

async function sendProtocol(
  stage: Stage,
  probe: Probe & { readonly protocol: number; readonly at: string },
  to: string,
  timeout: number,
): Promise<Observation> {
  const { machine, from } = stage.sender(probe.from);
  const receiver = stage.machine(probe.at);
  // Other probes of the same protocol may be on their way; this one has this destination, before DNAT or after.
  const destinations = [to, stage.address(probe.at)];
  const arrivals = (frames: readonly Frame[]) =>
    frames
      .filter((frame) => frame.kind === 'ip')
      .filter((frame) => !frame.outgoing && frame.protocol === probe.protocol)
      .filter((frame) => destinations.includes(frame.destination));
  const watch = await receiver.watch(receiver.device);
  await machine.output('python3', '-I', '-S', packetProgram, from ?? '-', to, String(probe.protocol));
  const [first] = arrivals(await watch.until((frames) => arrivals(frames).length > 0, timeout));
  await watch.close();
  if (first === undefined) return { result: 'blocked' };
  return { result: 'open', seen: { peer: first.source, peerPort: 0, local: first.destination, localPort: 0 } };
}
