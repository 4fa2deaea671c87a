import { distance } from 'fastest-levenshtein';

const MAX_SUGGESTIONS = 3;

/** The names that someone may have meant, nearest first: those a few slips away, or containing what was typed. */
function nearest(typed: string, names: readonly string[]): readonly string[] {
  const wanted = typed.toUpperCase().replaceAll('-', '_').slice(0, 100);
  const within = Math.max(2, Math.floor(wanted.length / 3));
  return names
    .map((name) => ({ name, plain: name.toUpperCase().replaceAll('-', '_') }))
    .map(({ name, plain }) => ({ name, slips: distance(wanted, plain), contained: plain.includes(wanted) }))
    .filter(({ slips, contained }) => slips <= within || (contained && wanted.length > 2))
    .sort((a, b) => a.slips - b.slips)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
}

/** The end of an error message: ` Did you mean TODO_MOVED?`, or nothing. */
export function didYouMean(typed: string, names: readonly string[]): string {
  const found = nearest(typed, names);
  return found.length === 0 ? '' : ` Did you mean ${found.join(' or ')}?`;
}
