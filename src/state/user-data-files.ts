import { kindOf } from './confined-path.js';
import { metadataDirectory, networkDirectory, packFile, passwordsFile } from './layout.js';

/** Whether guests of a network are told something. */
export function hasUserData(root: string, networkId: string): boolean {
  const directory = `${root}/${networkDirectory(networkId)}`;
  return (
    kindOf(`${directory}/${metadataDirectory}`) === 'directory' ||
    [packFile, passwordsFile].some((name) => kindOf(`${directory}/${name}`) === 'file')
  );
}
