import { distance } from 'fastest-levenshtein';

const MAX_SUGGESTIONS = 3;

/** Returns the names closest to an unknown one: those a few edits away, and those that contain it. */
function nearest(typed: string, names: readonly string[]): readonly string[] {
  const wanted = typed.toUpperCase().replaceAll('-', '_').slice(0, 100);
  const within = Math.max(2, Math.floor(wanted.length / 3));
  return names
    .map((name) => ({ name, plain: name.toUpperCase().replaceAll('-', '_') }))
    .map(({ name, plain }) => ({ name, edits: distance(wanted, plain), contained: plain.includes(wanted) }))
    .filter(({ edits, contained }) => edits <= within || (contained && wanted.length > 2))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
}

/** Returns the end of an error message, such as ` Did you mean TODO_MOVED?`, or an empty string. */
export function didYouMean(typed: string, names: readonly string[]): string {
  const found = nearest(typed, names);
  return found.length === 0 ? '' : ` Did you mean ${found.join(' or ')}?`;
}
