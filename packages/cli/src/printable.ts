import { replaceUnprintable } from '@blue-webhooks/inbox/page';

export { printable } from '@blue-webhooks/inbox/page';

/** Formats JSON for a terminal or a pipe. Characters that JSON permits and a terminal may not print are written as escapes of equal meaning. */
export function printableJson(value: unknown, indent = 2): string {
  const text = JSON.stringify(value, null, indent);
  return replaceUnprintable(text, (character) => (character === '\n' ? character : inJson(character)));
}

function inJson(character: string): string {
  return character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
