import type { DomainId } from '../model/domain.js';
import { isIdentifier } from '../model/identifier.js';

/**
 * What `show` is asked about: `network 42`, `vpc 7`, or the name of a namespace, `cs-net-42` or `cs-vpc-7`.
 *
 * @throws Error with what was expected
 */
export function parseShown(words: readonly string[]): DomainId {
  const text = words.join('-');
  const match = /^(?:cs-)?(network|net|vpc)-([0-9]+)$/.exec(text);
  const id = match?.[2] ?? '';
  if (match !== null && isIdentifier(id)) return { kind: match[1] === 'vpc' ? 'vpc' : 'network', id };
  throw new Error(
    `show ${JSON.stringify(words.join(' '))}: expected "network <id>", "vpc <id>", or a namespace such as cs-net-42 or cs-vpc-7`,
  );
}
