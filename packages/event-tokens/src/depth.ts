/** Blue's deliveries have about ten levels; a thousand do not overflow the stack of a recursive parser. */
const MAX_LEVELS = 1_000;

/** Returns whether a parsed value is nested too deeply for some recipients or runtimes. */
export function isTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_LEVELS) return true;
    level = level.flatMap((part) => (typeof part === 'object' && part !== null ? Object.values(part) : []));
  }
  return false;
}
