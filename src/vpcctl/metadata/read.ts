/** Metadata files, also those of other programs of the same format: what they lack is filled in. */

import { z } from 'zod';
import { namespaceEndName, plainBridgeName, plainHostEnd, plainNamespaceName } from '../model/names.js';
import { gatewayOf } from '../model/network.js';
import { networkIn, type Vpc, vpcSchema } from '../model/vpc.js';
import { VpcctlError } from '../vpcctl-error.js';

const loose = z.looseObject({});
const sketch = z.looseObject({
  cidr: z.string().optional(),
  subnets: z.array(loose).optional(),
  peering: z.array(loose).optional(),
});

/**
 * What a metadata file says.
 *
 * @param path for errors
 * @param name the file's name without `.json`, which is the VPC's
 * @param changed when the file was written; a file without `created` is from then
 * @throws VpcctlError naming the file, the key and what was expected there
 */
export function readMetadata(path: string, name: string, text: string, changed: Date): Vpc {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new VpcctlError(`${path}: is no JSON; expected the metadata of VPC ${name}`);
  }
  // Files of our own lack nothing, and with a thousand subnets reading them is most of a command's time.
  const own = vpcSchema.safeParse(json);
  const result = own.success
    ? own
    : sketch
        .transform((one) => completed(name, one, changed))
        .pipe(vpcSchema)
        .safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new VpcctlError(`${path}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
  }
  if (result.data.name !== name)
    throw new VpcctlError(`${path}: name: "${result.data.name}"; expected "${name}", as the file is called`);
  return result.data;
}

function completed(
  name: string,
  { subnets = [], peering = [], ...vpc }: z.infer<typeof sketch>,
  changed: Date,
): object {
  const gateway = gatewayOf(networkIn(vpc.cidr ?? ''));
  return {
    name,
    bridge: plainBridgeName(name),
    created: timeText(changed),
    ...vpc,
    subnets: subnets.map((subnet) => {
      const own = String(subnet.name);
      return {
        namespace: plainNamespaceName(name, own),
        veth_host: plainHostEnd(own),
        veth_ns: namespaceEndName(name, own),
        gateway,
        nat_enabled: false,
        ...subnet,
      };
    }),
    peering,
  };
}

/** ISO 8601 in UTC, to the second. */
export function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
