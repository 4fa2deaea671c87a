/** Controls, escape sequences' first characters, and what reorders or hides text; the joiner inside emoji is harmless. */
const unprintable = /(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** Text from outside, so that nothing in it can steer a terminal: control characters are shown as `\x1b`, and are not obeyed. */
export function printable(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
  return cut.replace(unprintable, escaped);
}

/** JSON for a terminal or a pipe: what JSON itself leaves unescaped of the above is escaped, with the same meaning. */
export function printableJson(value: unknown, indent = 2): string {
  const text = JSON.stringify(value, null, indent);
  return text.replace(unprintable, (character) => (character === '\n' ? character : inJson(character)));
}

function escaped(character: string): string {
  const code = character.codePointAt(0) as number;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

function inJson(character: string): string {
  return character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
