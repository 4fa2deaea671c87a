/** Blue's own deliveries have some ten; a thousand are no danger to a recursive reader's stack. */
const MAX_LEVELS = 1_000;

/** Whether a parsed value is nested more deeply than every recipient, on every runtime, can be expected to follow. */
export function isTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_LEVELS) return true;
    level = level.flatMap((part) => (typeof part === 'object' && part !== null ? Object.values(part) : []));
  }
  return false;
}
