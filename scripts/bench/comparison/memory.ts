import type { Side } from './side.js';

/** Proportional set sizes of all processes of a host but the harness's, one line each: KiB and command. */
const script = `
for process in /proc/[0-9]*; do
  size=$(sed -n 's/^Pss: *\\([0-9]*\\) kB/\\1/p' "$process/smaps_rollup" 2>/dev/null) || continue
  command=$(tr '\\0\\n' '  ' <"$process/cmdline" 2>/dev/null)
  [ -z "$size" ] || printf '%s %s\\n' "$size" "$command"
done`;

/** Bytes of memory that the programs of a host take: pages that several of them share count once. */
export async function memoryOf(side: Side): Promise<number> {
  const lines = (await side.host.self.output('sh', '-c', script)).trim().split('\n');
  const sizes = lines
    .filter((line) => !/agent\.py|^\d+ sh -c|^\d+ arping/.test(line))
    .map((line) => Number.parseInt(line, 10));
  return sizes.reduce((sum, size) => sum + size, 0) * 1024;
}
