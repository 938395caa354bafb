import { expect, test } from 'vitest';
import { aclTable } from './acl.js';
import { balancingTable } from './balancing.js';
import { combinedTable } from './combined.js';
import { firewallEgressTable } from './firewall-egress.js';
import { firewallIngressTable } from './firewall-ingress.js';
import { natTable } from './nat.js';
import { outcomesOf } from './vocabulary.js';
import { vpcTable } from './vpc.js';

const tables = [natTable, firewallIngressTable, firewallEgressTable, aclTable, vpcTable, combinedTable, balancingTable];

test('the tables have at least 120 outcomes', () => {
  const counts = tables.map((table) => `${table.subject}: ${outcomesOf(table).length}`);
  const total = tables.flatMap(outcomesOf).length;
  console.log(`${total} outcomes (${counts.join('; ')})`);
  expect(total).toBeGreaterThanOrEqual(120);
});
