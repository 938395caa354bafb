/**
 * Whether a text is the id of a network or VPC: decimal, 1–20 digits, no leading zero (`7` and `07` would be one id with two state
 * directories). Ids become file names, namespaces and chain names, hence nothing but digits. CloudStack's are 64-bit database keys.
 */
export function isIdentifier(text: string): boolean {
  return /^(?:0|[1-9][0-9]{0,19})$/.test(text);
}
