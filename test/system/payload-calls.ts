import type { TestHost } from '../host/host.js';
import { CommandFailed, type Outcome } from '../host/outcome.js';

/** What a payload says; values are texts. */
export type Payload = Readonly<Record<string, unknown>>;

/** Calls of generation 2 about one network: `<command> <payload file> <seconds>`. */
export class PayloadCalls {
  constructor(
    private readonly host: TestHost,
    /** What every call about the network says. */
    private readonly network: Payload,
  ) {}

  /** The content of a payload file. */
  envelope(payload: Payload = {}): string {
    const { guestDevice, publicDevice } = this.host;
    const details = {
      hosts: '192.0.2.1',
      username: 'root',
      password: 'FAKE-host-password-for-tests',
      'guest.network.device': guestDevice,
      'public.network.device': publicDevice,
    };
    return JSON.stringify({
      'physical-network-extension-details': details,
      'network-extension-details': { host: '192.0.2.1' },
      payload: { ...this.network, ...payload },
    });
  }

  /** One call, whatever comes of it. `more` follows the payload file. */
  async call(command: string, payload: Payload = {}, more: readonly string[] = ['60']): Promise<Outcome> {
    return this.host.callRaw([command, '@payload', ...more], { '@payload': this.envelope(payload) });
  }

  /** One call that must succeed and print nothing. */
  async perform(command: string, payload: Payload = {}): Promise<void> {
    const outcome = await this.call(command, payload);
    const printed = outcome.stdout + outcome.stderr;
    if (outcome.exit !== 0 || outcome.timedOut || outcome.heldOpen || printed !== '') {
      throw new CommandFailed([command, this.envelope(payload)], outcome);
    }
  }
}
