import { combinedTable } from './combined.js';
import { describeTable } from './describe-table.js';

describeTable(combinedTable);
