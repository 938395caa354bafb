/**
 * Whether a text can name a network interface: 1–15 printable ASCII characters, not `.` or `..`. The kernel refuses `/`, `:` and spaces and
 * takes `%` as a number template; quotes and backslashes are left out because names end up in configuration files of other programs.
 */
export function isDeviceName(text: string): boolean {
  return /^(?!\.{1,2}$)[!#-$&'()*+,.0-9;<=>?@A-Z[\]^_`a-z{|}~-]{1,15}$/.test(text);
}
