import type { Machine } from '../host/machine.js';

/** What became of a guest's start: it has set a password, it had none to set, or it was told that it had asked wrongly. */
export type PasswordOutcome = { readonly set: string } | 'nothing to set' | 'refused' | 'no answer';

/** How a script asks: the client, and the options of each request. */
export type PasswordClient = 'wget' | 'curl' | 'busybox wget';

/**
 * One start of a guest with CloudStack's script cloud-set-guest-password: it asks, sets what it got, and says so. `server` is the address
 * that the script has from the lease.
 */
export async function setGuestPassword(
  guest: Machine,
  server: string,
  client: PasswordClient = 'wget',
): Promise<PasswordOutcome> {
  const answer = await request(guest, server, 'send_my_password', client);
  if (answer === undefined) return 'no answer';
  if (answer === 'bad_request') return 'refused';
  if (answer === '' || answer === 'saved_password') return 'nothing to set';
  await request(guest, server, 'saved_password', client);
  return { set: answer };
}

async function request(guest: Machine, server: string, what: string, client: PasswordClient) {
  const { exit, stdout } = await guest.run(commandLine(`http://${server}:8080`, `DomU_Request: ${what}`, client));
  return exit === 0 ? stdout.replaceAll('\r', '').replace(/\n+$/, '') : undefined;
}

function commandLine(url: string, header: string, client: PasswordClient): string[] {
  switch (client) {
    case 'wget':
      return ['wget', '-q', '-t', '3', '-T', '20', '-O', '-', '--header', header, url];
    case 'busybox wget':
      return ['busybox', 'wget', '-q', '-O', '-', '--header', header, url];
    case 'curl':
      return ['curl', '--silent', '--fail', '--max-time', '20', '--header', header, url];
  }
}
