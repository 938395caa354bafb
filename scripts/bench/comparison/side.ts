import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandOptions, TestHost, type TestHostOptions } from '../../../test/host/host.js';
import { Network, type NetworkSettings } from '../../../test/system/network.js';
import { performAnyhow } from '../perform.js';
import type { Run, Schedule } from '../schedule.js';

export type SideName = 'ours' | 'shell';

export interface SideOptions extends TestHostOptions {
  /** On a real disk: the hosts' state directories are made below it. */
  readonly disk: string;
}

/** A host with one of the two programs installed at the path that CloudStack calls. */
export class Side {
  private constructor(
    readonly name: SideName,
    readonly host: TestHost,
    /** The host's /var/lib/cloudstack, at the same path inside and outside. */
    readonly directory: string,
  ) {}

  /** @param wrapper content of the program that is compared with; undefined is the product */
  static async create({ disk, ...options }: SideOptions, wrapper?: string): Promise<Side> {
    const directory = mkdtempSync(join(disk, 'side-'));
    const host = await TestHost.create({ ...options, stateDisk: directory });
    try {
      // As every host has one. The kernel looks for a source address whenever a route is made: without one on an early link, among thousands of links.
      await host.self.output('ip', 'address', 'add', '192.0.2.1/24', 'dev', 'eth2');
      if (wrapper === undefined) await host.install();
      else await host.installProgram('network-namespace', wrapper);
      return new Side(wrapper === undefined ? 'ours' : 'shell', host, directory);
    } catch (error) {
      await host.destroy();
      throw error;
    }
  }

  network(settings: NetworkSettings): Network {
    return new Network(this.host, settings);
  }

  /** A command as a line of a schedule. */
  command(command: string, options: CommandOptions): string[] {
    return [this.host.wrapper, ...this.host.callArguments(command, options)];
  }

  async perform(command: string, options: CommandOptions): Promise<void> {
    await performAnyhow(this.host, command, options);
  }

  async run(schedule: Schedule, clients = 1): Promise<Run[]> {
    return schedule.run(this.host, this.directory, clients);
  }

  /** What was written is on the disk: else the first measured flush would wait for all of it. */
  settle(): void {
    execFileSync('sync', ['-f', this.directory]);
  }

  async destroy(): Promise<void> {
    await this.host.destroy();
  }
}

export interface Sides {
  readonly ours: Side;
  readonly shell: Side;
}

/** Both programs, each on a host of its own; gone when the work is done. */
export async function withSides<Result>(
  options: SideOptions,
  wrapper: string,
  work: (sides: Sides) => Promise<Result>,
): Promise<Result> {
  const ours = await Side.create(options);
  try {
    const shell = await Side.create(options, wrapper);
    try {
      return await work({ ours, shell });
    } finally {
      await shell.destroy();
    }
  } finally {
    await ours.destroy();
  }
}

/** Work on each of some sides in turns; who begins changes from round to round. */
export async function inTurns(
  rounds: number,
  sides: readonly Side[],
  work: (side: Side, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) await work(side, round);
  }
}
