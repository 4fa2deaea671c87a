const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

/**
 * Returns whether an object in this valid JSON text has two members of one name. RFC 7519 section 4 and RFC 7515 section 4 let a
 * reader refuse such claims and headers or take the last of them; readers that differ would see different tokens.
 */
export function hasRepeatedName(json: string): boolean {
  const open: (Set<string> | undefined)[] = []; // the names of each open object, undefined for an open array
  let text = '';
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      const end = closingQuote(json, at);
      text = json.slice(at, end + 1);
      at = end;
    } else if (code === OPEN_BRACE) {
      open.push(new Set());
    } else if (code === OPEN_BRACKET) {
      open.push(undefined);
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      open.pop();
    } else if (code === COLON) {
      const names = open.at(-1);
      const name = JSON.parse(text) as string; // two spellings of one name are the same name
      if (names?.has(name)) return true;
      names?.add(name);
    }
  }
  return false;
}

function closingQuote(json: string, opening: number): number {
  let at = opening + 1;
  while (json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
