/** A call failed, and this is what it was about, for the log; why it did is the cause. */
export class CallError extends Error {
  override readonly name = 'CallError';

  constructor(
    readonly subject: string,
    override readonly cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** What a command is about, for the log. */
export function subjectWords(networkId: string | undefined, vpcId: string | undefined): string {
  const vpc = vpcId === undefined ? '' : `vpc=${vpcId}`;
  if (networkId === undefined) return vpc;
  return vpc === '' ? `network=${networkId}` : `network=${networkId} ${vpc}`;
}
