/** Shell completion: the shells ask `vpcctl complete` for what may come next, and filter it themselves. */

import type { Command } from 'commander';
import type { MetadataStore } from '../metadata/store.js';
import { VpcctlError } from '../vpcctl-error.js';

const scripts: Readonly<Record<string, string>> = {
  bash: `_vpcctl() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(vpcctl complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _vpcctl vpcctl
`,
  zsh: `#compdef vpcctl
_vpcctl() {
  local -a found
  found=(\${(f)"$(vpcctl complete -- \${words[2,CURRENT-1]} 2>/dev/null)"})
  (( \${#found} )) && compadd -- $found || _files
}
compdef _vpcctl vpcctl
`,
  fish: `complete -c vpcctl -a '(vpcctl complete -- (commandline -opc)[2..] 2>/dev/null)'
`,
};

export const shells: readonly string[] = Object.keys(scripts);

export function completionScript(shell: string): string {
  const script = scripts[shell];
  if (script === undefined) throw new VpcctlError(`completion "${shell}": expected ${shells.join(', ')}`);
  return script;
}

/** What the values of commands are, in their order; other commands take files, which the shell knows. */
const values: Readonly<Record<string, readonly ('vpc' | 'subnet' | 'type' | 'other')[]>> = {
  'add-subnet': ['vpc', 'other', 'other', 'type'],
  'remove-subnet': ['vpc', 'subnet'],
  'setup-nat': ['vpc'],
  'remove-nat': ['vpc'],
  peer: ['vpc', 'vpc'],
  unpeer: ['vpc', 'vpc'],
  'remove-policy': ['vpc', 'subnet'],
  show: ['vpc'],
  exec: ['vpc', 'subnet'],
  graph: ['vpc'],
  export: ['vpc'],
  'delete-vpc': ['vpc'],
};

/** @param words those between `vpcctl` and the one that is being typed */
export function completionsFor(program: Command, store: MetadataStore, words: readonly string[]): string[] {
  const visible = program.commands.filter((command) => command.name() !== 'complete');
  const [name, ...given] = words;
  if (name === undefined) return visible.map((command) => command.name());
  const command = visible.find((one) => one.name() === name);
  if (command === undefined) return [];
  const previous = given.at(-1);
  const option = command.options.find(
    ({ long, short }) => previous !== undefined && (previous === long || previous === short),
  );
  if (option?.argChoices !== undefined) return option.argChoices;
  if (option?.long === '--vpc' || option?.long === '--peer') return store.names();
  if (option?.long === '--type') return ['public', 'private'];
  if (option?.required === true) return [];
  const options = command.options.flatMap(({ long }) => long ?? []);
  if (name === 'completion') return [...shells];
  const positional = given.filter((word) => !word.startsWith('-'));
  switch (values[name]?.[positional.length]) {
    case 'vpc':
      return [...store.names().filter((vpc) => !positional.includes(vpc)), ...options];
    case 'subnet':
      return (
        store
          .read()
          .get(positional[0] ?? '')
          ?.subnets.map((subnet) => subnet.name) ?? []
      );
    case 'type':
      return ['public', 'private'];
    default:
      return options;
  }
}
