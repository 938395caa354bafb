import { describeTable } from './describe-table.js';
import { vpcTable } from './vpc.js';

describeTable(vpcTable);
