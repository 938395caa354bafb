import type { Machine } from '../host/machine.js';
import type { Network } from './network.js';

/** Real Apache, as the shell wrapper has one run for each network, with the modules it loads. */
export function apacheConfiguration(directory: string, address: string): string {
  const modules = '/usr/lib/apache2/modules';
  return `ServerRoot /tmp
PidFile ${directory}/apache2.pid
ServerName metadata
Listen ${address}:80
LoadModule mpm_event_module ${modules}/mod_mpm_event.so
LoadModule cgi_module ${modules}/mod_cgi.so
LoadModule alias_module ${modules}/mod_alias.so
LoadModule authz_core_module ${modules}/mod_authz_core.so
DocumentRoot ${directory}
ErrorLog ${directory}/error.log
<Directory ${directory}>
  Require all granted
</Directory>
`;
}

/** Answers as the shell wrapper's password server does, from a process of its own: `<address> <passwords> <pid file>`. */
export const passwordServer = `import os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"of python")
    def log_message(self, *arguments):
        pass
server = ThreadingHTTPServer((sys.argv[1], 8080), Handler)
with open(sys.argv[3], "w") as file:
    file.write(str(os.getpid()))
if os.fork() == 0:
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    with open(sys.argv[3], "w") as file:
        file.write(str(os.getpid()))
    server.serve_forever()
`;

/** Where the servers of a network have their files. */
export function shellServerDirectory(network: Network): string {
  return `${network.host.stateDirectory}/network-${network.id}`;
}

/** Starts Apache for a network in the namespace of `where`. @returns its number */
export async function startApache(network: Network, where: Machine, address = network.gateway): Promise<string> {
  const directory = `${shellServerDirectory(network)}/apache2`;
  // A number that a test has put there is not this one's.
  await network.host.self.output('rm', '-f', `${directory}/apache2.pid`);
  await network.host.writeFile(`${directory}/apache2.conf`, apacheConfiguration(directory, address));
  await where.output('/usr/sbin/apache2', '-f', `${directory}/apache2.conf`, '-k', 'start');
  return numberIn(network, 'apache2/apache2.pid');
}

/** Starts a password server for a network in the namespace of `where`. @returns its number */
export async function startPasswordServer(network: Network, where: Machine): Promise<string> {
  const directory = shellServerDirectory(network);
  await network.host.self.output('rm', '-f', `${directory}/passwd-server.pid`);
  await network.host.writeFile(`${directory}/passwd-server.py`, passwordServer);
  const files = [`${directory}/passwords`, `${directory}/passwd-server.pid`];
  await where.output('/usr/bin/python3', `${directory}/passwd-server.py`, network.gateway, ...files);
  return numberIn(network, 'passwd-server.pid');
}

async function numberIn(network: Network, file: string): Promise<string> {
  const path = `${shellServerDirectory(network)}/${file}`;
  let text = '';
  // Apache writes it after it has gone into the background.
  await network.host.self.eventually(async () => {
    text = (await network.host.self.run(['cat', path])).stdout.trim();
    return text !== '';
  });
  return text;
}
