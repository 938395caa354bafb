import { describeTable } from './describe-table.js';
import { natTable } from './nat.js';

describeTable(natTable);
