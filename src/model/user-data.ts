/** That guests of a network are told something. What they are told is in the state files only: nothing else follows from it. */
export interface UserData {
  readonly isKept: true;
}

/** Where guests of every cloud ask for metadata (link-local, RFC 3927; EC2's instance metadata service). */
export const metadataAddress = '169.254.169.254';
