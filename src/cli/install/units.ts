import { join } from 'node:path';
import { libDirectory, runtimeNames } from './layout.js';

export const socketUnit = 'cloudstack-netns.socket';
export const serviceUnit = 'cloudstack-netns.service';

/** The systemd units, by file name. */
export function unitFiles(socketPath: string): Readonly<Record<string, string>> {
  return {
    [socketUnit]: `[Unit]
Description=Socket of the CloudStack network-namespace controller

[Socket]
ListenStream=${socketPath}
SocketMode=0600
DirectoryMode=0700
RemoveOnStop=yes

[Install]
WantedBy=sockets.target
`,
    // KillMode: dnsmasq, haproxy and radvd serve guests on; the next daemon adopts them.
    // No sandboxing of the file system: namespaces that the daemon makes must be seen by everybody.
    [serviceUnit]: `[Unit]
Description=CloudStack network-namespace controller
Requires=${socketUnit}
After=${socketUnit} network.target

[Service]
Environment=MALLOC_ARENA_MAX=1
ExecStart=${join(libDirectory, runtimeNames.node)} ${join(libDirectory, runtimeNames.script)} daemon
KillMode=process
Restart=always
RestartSec=100ms
TimeoutStopSec=60s
UMask=0077
LimitNOFILE=1048576
TasksMax=infinity

[Install]
WantedBy=multi-user.target
`,
  };
}
