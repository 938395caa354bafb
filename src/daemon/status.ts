import { z } from 'zod';

/** Command name that asks the daemon about itself. No command of CloudStack begins with a dash. */
export const statusCommand = '--status';

/** What the daemon says about itself. */
export const daemonStatus = z.object({
  version: z.string(),
  pid: z.number().int().positive(),
  /** Since the daemon listens, in seconds. */
  uptime: z.number().nonnegative(),
  /** Commands carried out, and those at work now. */
  commands: z.object({ done: z.number().int(), failed: z.number().int(), running: z.number().int() }),
  /** The programs that serve guests and are to run. */
  services: z.array(
    z.object({
      name: z.string(),
      extension: z.string(),
      networkId: z.string(),
      /** Absent while it does not run. */
      pid: z.number().int().positive().optional(),
      /** How often it was started again since the daemon's start. */
      restarts: z.number().int().nonnegative(),
      /** Why it could not be started. */
      problem: z.string().optional(),
    }),
  ),
  /** Networks whose guests are told user data; an older daemon does not say. */
  servedNetworks: z.number().int().nonnegative().default(0),
  /** What the kernel was found to be capable of; filled in by the kernel layer. */
  capabilities: z.record(z.string(), z.union([z.boolean(), z.number(), z.string()])),
});

export type DaemonStatus = z.infer<typeof daemonStatus>;
export type Capabilities = DaemonStatus['capabilities'];
