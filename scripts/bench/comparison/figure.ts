/** What is no time of one call: rates, memory, processor time. */
export interface Figure {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly ours: number;
  readonly shell?: number;
  readonly better: 'more' | 'less';
  /** The least or the most that ours must be, or how many times better than the shell's. */
  readonly least?: number;
  readonly most?: number;
  readonly timesBetter?: number;
}

export function timesBetter({ ours, shell, better }: Figure): number | undefined {
  if (shell === undefined) return undefined;
  return better === 'more' ? ours / shell : shell / ours;
}

export function figureMet(figure: Figure): boolean | undefined {
  if (figure.least !== undefined) return figure.ours >= figure.least;
  if (figure.most !== undefined) return figure.ours <= figure.most;
  if (figure.timesBetter !== undefined) return (timesBetter(figure) ?? Number.NaN) >= figure.timesBetter;
  return undefined;
}
