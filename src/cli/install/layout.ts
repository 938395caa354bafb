import { join } from 'node:path';

/** Where the runtime lies. The native client has it compiled in (native/client/places.h), so it is no option. */
export const libDirectory = '/usr/lib/cloudstack-netns';
export const unitDirectory = '/usr/lib/systemd/system';
export const extensionsDirectory = '/etc/cloudstack/extensions';

/** Where CloudStack's management server looks for the programs of extensions. */
export const entriesDirectory = '/usr/share/cloudstack-management/extensions';

/** File names within the runtime. */
export const runtimeNames = {
  /** What Node.js is given; it compiles the program (src/cli/start.ts). */
  script: 'cloudstack-netns.js',
  program: 'cloudstack-netns.cjs',
  /** Of the program, made by the Node.js that runs it. */
  codeCache: 'cloudstack-netns.cache',
  node: 'node',
  client: 'network-namespace-wrapper',
  manifest: 'package.json',
} as const;

/** The file CloudStack's proxy calls over SSH. */
export function wrapperPath(extension: string): string {
  return join(extensionsDirectory, extension, `${extension}-wrapper.sh`);
}

/** The file CloudStack's management server calls. */
export function entryPath(extension: string): string {
  return join(entriesDirectory, extension, `${extension}.sh`);
}

/** Where a program that is not ours is kept until `uninstall`. */
export function keptPath(path: string): string {
  return `${path}.shell`;
}

export function stateDirectory(extension: string): string {
  return join('/var/lib/cloudstack', extension);
}

export function logDirectory(extension: string): string {
  return join('/var/log/cloudstack/extensions', extension);
}
