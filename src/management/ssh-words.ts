import type { Connection } from './connection.js';

const options = (values: Readonly<Record<string, string | number>>) =>
  Object.entries(values).flatMap(([name, value]) => ['-o', `${name}=${value}`]);

/**
 * The words that make a shared connection, which stays in the background. The operator's own ssh configuration counts (a jump host, an
 * address for a name), but not where it would do more than connect.
 *
 * @param keyFile undefined without a key
 */
export function connectWords(
  connection: Connection,
  host: string,
  control: string,
  persistence: number,
  keyFile?: string,
): string[] {
  const { patience, password, hostKeyChecking, knownHosts } = connection;
  // Silence is noticed after `interval * (count + 1)` seconds.
  const interval = Math.max(1, Math.floor(patience / 5));
  const words = [
    'ssh',
    '-fNMT',
    ...options({
      ControlPath: control,
      ControlPersist: persistence,
      ConnectTimeout: patience,
      ServerAliveInterval: interval,
      ServerAliveCountMax: Math.max(1, Math.ceil(patience / interval) - 1),
      TCPKeepAlive: 'yes',
      LogLevel: 'ERROR',
      StrictHostKeyChecking: hostKeyChecking,
      ClearAllForwardings: 'yes',
      ForwardAgent: 'no',
      ForwardX11: 'no',
      PermitLocalCommand: 'no',
      RemoteCommand: 'none',
      Port: connection.port,
      User: connection.user,
    }),
  ];
  if (knownHosts !== undefined) words.push(...options({ UserKnownHostsFile: `"${knownHosts}"` }));
  else if (hostKeyChecking === 'no') words.push(...options({ UserKnownHostsFile: '/dev/null' }));
  if (keyFile !== undefined) {
    words.push('-i', keyFile, ...options({ IdentitiesOnly: 'yes', BatchMode: 'yes' }));
  } else if (password !== undefined) {
    const methods = 'password,keyboard-interactive,publickey';
    words.push(...options({ IdentitiesOnly: 'yes', NumberOfPasswordPrompts: 1, PreferredAuthentications: methods }));
    // nohup: the process that stays would be ended with sshpass's terminal if it had not left it in time.
    words.unshift('sshpass', '-d', '3', 'nohup');
  } else {
    words.push(...options({ BatchMode: 'yes' }));
  }
  return [...words, '--', host];
}

/** The words that run a command through a shared connection, and through nothing else. */
export function sessionWords(host: string, control: string, command: string): string[] {
  const only = options({
    ControlMaster: 'no',
    ControlPath: control,
    // What ssh does when the shared connection cannot be used: an attempt without any means, which fails at once.
    ProxyCommand: 'false',
    LogLevel: 'ERROR',
    BatchMode: 'yes',
  });
  return ['ssh', '-F', 'none', '-T', ...only, '--', host, command];
}

/** The words that end a shared connection. */
export function endWords(host: string, control: string): string[] {
  return ['ssh', '-F', 'none', '-O', 'exit', ...options({ ControlPath: control, LogLevel: 'QUIET' }), '--', host];
}
