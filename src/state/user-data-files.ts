import { kindOf } from './confined-path.js';
import { metadataDirectory, networkDirectory, passwordsFile } from './layout.js';

/** Whether guests of a network are told something. */
export function hasUserData(root: string, networkId: string): boolean {
  const directory = `${root}/${networkDirectory(networkId)}`;
  return (
    kindOf(`${directory}/${metadataDirectory}`) === 'directory' || kindOf(`${directory}/${passwordsFile}`) === 'file'
  );
}
