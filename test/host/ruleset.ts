import { z } from 'zod';

const rulesetSchema = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) });
const objectSchema = z.record(z.string(), z.unknown());

/**
 * The answer of `nft -j list ruleset` in a form in which equal rule sets are equal: without handles, objects in the
 * order of their names, elements sorted (the kernel lists a hash set in any order). The order of the rules in a chain
 * is kept: there it means something.
 */
export function canonicalRuleset(json: string): string[] {
  const objects: string[] = [];
  const rules: string[] = [];
  for (const entry of rulesetSchema.parse(JSON.parse(json)).nftables) {
    for (const [kind, value] of Object.entries(entry)) {
      if (kind === 'metainfo') continue;
      const { handle: _, index: __, ...content } = objectSchema.parse(value);
      const elements = content.elem;
      if (Array.isArray(elements))
        content.elem = [...elements].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
      (kind === 'rule' ? rules : objects).push(`${kind} ${JSON.stringify(content)}`);
    }
  }
  // Rules of one chain stay in their order: the sort is stable and looks at the chain only.
  const chainOf = (rule: string): string => /"chain":"[^"]*"/.exec(rule)?.[0] ?? '';
  return [...objects.sort(), ...rules.sort((a, b) => chainOf(a).localeCompare(chainOf(b)))];
}
