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
  const parts = [
    ...(networkId === undefined ? [] : [`network=${networkId}`]),
    ...(vpcId === undefined ? [] : [`vpc=${vpcId}`]),
  ];
  return parts.join(' ');
}
