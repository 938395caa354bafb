import { describeTable } from './describe-table.js';
import { firewallEgressTable } from './firewall-egress.js';

describeTable(firewallEgressTable);
