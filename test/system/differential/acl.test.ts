import { aclTable } from './acl.js';
import { describeTable } from './describe-table.js';

describeTable(aclTable);
