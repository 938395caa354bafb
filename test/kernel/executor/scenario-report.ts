/** How a scenario with all its failures went. */
export interface ScenarioReport {
  readonly scenario: string;
  /** Moments at which the command asks something of the kernel or the disk. */
  readonly points: number;
  /** Failures that were injected. */
  readonly cases: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
  readonly milliseconds: number;
}
