const MAX_LENGTH = 1_000;
/** A handler's message may name an id or a title; a run of this length that is also in the body is a quotation of it. */
const MIN_QUOTED = 32;
const WINDOW = MIN_QUOTED / 2;

/**
 * Returns a thrown value as a string of at most 1,000 characters: its name and its message, without quotations of the
 * delivery's body and without the credentials of URLs. Never throws.
 */
export function errorText(error: unknown, rawBody: string): string {
  try {
    const text = describe(error).slice(0, MAX_LENGTH + MIN_QUOTED);
    const redacted = withoutQuotations(withoutCredentials(text), rawBody);
    return redacted.length > MAX_LENGTH ? `${redacted.slice(0, MAX_LENGTH - 1)}…` : redacted;
  } catch {
    return 'A value was thrown that cannot be described.';
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : `Thrown: ${String(error)}`;
  const text = `${error.name}: ${error.message}`;
  return error instanceof AggregateError ? `${text} ${error.errors.map(describe).join(' ')}` : text;
}

/** Removes the user name and the password of each URL: up to its last `@`, since a password that is not escaped can hold others. */
function withoutCredentials(text: string): string {
  const words = text.split(' ').map((word) => {
    const start = word.indexOf('://') + '://'.length;
    const end = word.lastIndexOf('@');
    return start < '://'.length || end < start ? word : `${word.slice(0, start)}…${word.slice(end)}`;
  });
  return words.join(' ');
}

/** Drivers quote their arguments in messages, often escaped once more: backslashes, quotes and spaces do not count. */
const ignored = /[\\"'\s]/;

/** Removes from a text what it has in common with the body. Linear in the body for each window of the text. */
function withoutQuotations(text: string, rawBody: string): string {
  const places = [...Array(text.length).keys()].filter((place) => !ignored.test(text.charAt(place)));
  const needle = places.map((place) => text.charAt(place)).join('');
  if (needle.length < MIN_QUOTED) return text;
  const haystack = plain(rawBody);
  let result = '';
  let kept = 0;
  for (let from = 0; from + WINDOW <= needle.length; ) {
    const { start, end } = widest(needle, from, haystack) ?? { start: from, end: from };
    if (end - start < MIN_QUOTED) {
      from += WINDOW;
      continue;
    }
    result += `${text.slice(kept, places[start])}…`;
    kept = (places[end - 1] as number) + 1;
    from = end;
  }
  return result + text.slice(kept);
}

const MAX_OCCURRENCES = 20;

/** Returns the longest run around a window of the needle that the haystack has, too. */
function widest(needle: string, from: number, haystack: string): { start: number; end: number } | undefined {
  const window = needle.slice(from, from + WINDOW);
  let found: { start: number; end: number } | undefined;
  let at = haystack.indexOf(window);
  for (let tries = 0; at !== -1 && tries < MAX_OCCURRENCES; tries++) {
    let before = 0;
    while (before < from && before < at && needle[from - before - 1] === haystack[at - before - 1]) before += 1;
    let after = WINDOW;
    while (from + after < needle.length && needle[from + after] === haystack[at + after]) after += 1;
    if (!found || before + after > found.end - found.start) found = { start: from - before, end: from + after };
    at = haystack.indexOf(window, at + 1);
  }
  return found;
}

/** The body as it was signed and, for what escapes hide, as JSON that was read and written again. */
function plain(rawBody: string): string {
  let written = '';
  try {
    written = JSON.stringify(JSON.parse(rawBody));
  } catch {
    // Nothing more than its text.
  }
  return `${rawBody}\n${written}`.replace(/[\\"'\s]+/g, '');
}
