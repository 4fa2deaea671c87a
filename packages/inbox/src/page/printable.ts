/** Control characters, and those that reorder or hide text. The zero-width joiner of emoji is harmless. */
const unprintable = /(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** Replaces the characters of a text that are not printable. */
export const replaceUnprintable = (text: string, replace: (character: string) => string): string =>
  text.replace(unprintable, replace);

/** Escapes untrusted text for a page or a terminal: a control character is shown as `\x1b`, so that it has no effect. */
export function printable(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
  return replaceUnprintable(cut, escaped);
}

/** As `printable`, but keeps line breaks and tabs. */
export const legible = (text: string): string => text.replace(/[^\n\t]+/g, (part) => printable(part));

function escaped(character: string): string {
  const code = character.codePointAt(0) as number;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
