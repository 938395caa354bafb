import { describeTable } from './describe-table.js';
import { firewallIngressTable } from './firewall-ingress.js';

describeTable(firewallIngressTable);
