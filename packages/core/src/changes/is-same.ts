import type { Row } from '../events/row';

/** Whether two values of JSON say the same. Needs no recursion: they may be nested as deep as a body allows. */
export function isSame(one: unknown, other: unknown): boolean {
  const pairs: [unknown, unknown][] = [[one, other]];
  for (const [a, b] of pairs) {
    if (Object.is(a, b)) continue;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
    if (Array.isArray(a) !== Array.isArray(b)) return false;
    const keys = Object.keys(a);
    if (keys.length !== Object.keys(b).length) return false;
    for (const key of keys) {
      if (!Object.hasOwn(b, key)) return false;
      pairs.push([(a as Row)[key], (b as Row)[key]]);
    }
  }
  return true;
}
