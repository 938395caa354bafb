import { balancingTable } from './balancing.js';
import { describeTable } from './describe-table.js';

describeTable(balancingTable);
