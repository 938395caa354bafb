import { z } from 'zod';

const samples = z.array(z.number());

/** What command-main.ts prints: nanoseconds, and bytes of kernel memory. */
export const commandSamplesSchema = z.object({
  createVpc: samples,
  addSubnet: samples,
  addSubnetLate: samples,
  setupNat: samples,
  applyFifty: samples,
  applyAgain: samples,
  deleteFifty: samples,
  subnetBytes: samples,
  vpcBytes: samples,
});
export type CommandSamples = z.infer<typeof commandSamplesSchema>;
