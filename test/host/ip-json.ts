import { z } from 'zod';

/** What the tests read of the answers of `ip -j`. `ip` is an oracle here, never part of the product. */

export const linkSchema = z.object({
  ifindex: z.number(),
  ifname: z.string(),
  link: z.string().nullish(),
  master: z.string().optional(),
  flags: z.array(z.string()),
  mtu: z.number(),
  address: z.string().optional(),
  linkinfo: z
    .object({ info_kind: z.string().optional(), info_data: z.object({ id: z.number().optional() }).optional() })
    .optional(),
});
export type Link = z.infer<typeof linkSchema>;

export const addressSchema = z.object({
  ifname: z.string(),
  addr_info: z.array(
    z.object({ family: z.string().optional(), local: z.string().optional(), prefixlen: z.number().optional() }),
  ),
});

export const routeSchema = z.object({
  type: z.string().optional(),
  dst: z.string(),
  gateway: z.string().optional(),
  dev: z.string().optional(),
  scope: z.string().optional(),
  metric: z.number().optional(),
  table: z.string().optional(),
});
export type Route = z.infer<typeof routeSchema>;

export const namespaceSchema = z.object({ name: z.string() });
