import type { TestHost } from '../host/host.js';
import { CommandFailed, type Outcome } from '../host/outcome.js';

/** What an operator asks of a network, as CloudStack sends it in generation 1: also for a tier without the VPC's id. */
export class CustomActions {
  constructor(
    readonly host: TestHost,
    private readonly networkId: number | string,
    private readonly details: object = { host: '192.0.2.1', namespace: `cs-net-${networkId}` },
  ) {}

  /** Any answer. `parameters` as text is sent as it is. */
  async ask(action: string, parameters: object | string = {}): Promise<Outcome> {
    return this.host.callRaw(this.arguments(action, parameters));
  }

  /** An action that must succeed; its text. */
  async perform(action: string, parameters: object | string = {}): Promise<string> {
    const outcome = await this.ask(action, parameters);
    if (outcome.exit !== 0 || outcome.timedOut) throw new CommandFailed(this.arguments(action, parameters), outcome);
    if (outcome.heldOpen) throw new Error(`${action}: a process it left behind holds its stdout or stderr`);
    if (outcome.stderr !== '') throw new Error(`${action}: printed on stderr ${JSON.stringify(outcome.stderr)}`);
    return outcome.stdout;
  }

  /** An action that must be refused with one line; that line. */
  async refusal(action: string, parameters: object | string = {}): Promise<string> {
    const outcome = await this.ask(action, parameters);
    if (outcome.exit === 0 || outcome.stdout !== '' || !/^[^\n]+\n$/.test(outcome.stderr)) {
      throw new Error(`${action}: expected a refusal in one line, got ${JSON.stringify(outcome)}`);
    }
    return outcome.stderr;
  }

  private arguments(action: string, parameters: object | string): string[] {
    const text = typeof parameters === 'string' ? parameters : JSON.stringify(parameters);
    const physical = { password: 'FAKE-host-password-for-tests', 'guest.network.device': this.host.guestDevice };
    return [
      ...['custom-action', '--network-id', String(this.networkId), '--action', action, '--action-params', text],
      ...['--physical-network-extension-details', JSON.stringify(physical)],
      ...['--network-extension-details', JSON.stringify(this.details)],
    ];
  }
}
