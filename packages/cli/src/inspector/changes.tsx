import { printable } from '../printable';
import { type Change, diffOf } from './diff';

/** Renders what an event changed, as a table. */
export function Changes({ payload }: { payload: Readonly<Record<string, unknown>> }) {
  const { previousValue, record } = payload;
  const currentValue = payload.currentValue ?? record;
  const all = diffOf(previousValue, currentValue);
  // Timestamps change with every event: they come last.
  const changes = [...all.filter((change) => !isStamp(change)), ...all.filter(isStamp)];
  const heading =
    previousValue && currentValue
      ? 'What changed'
      : currentValue
        ? 'What was created'
        : previousValue
          ? 'What was deleted'
          : undefined;
  if (heading === undefined) return null;
  return (
    <section aria-labelledby="changes">
      <h3 id="changes">{heading}</h3>
      {changes.length === 0 ? (
        <p>No changes: both values are equal.</p>
      ) : (
        <table class="changes">
          <thead>
            <tr>
              <th scope="col">Field</th>
              {previousValue ? <th scope="col">{currentValue ? 'Before' : 'Value'}</th> : null}
              {currentValue ? <th scope="col">{previousValue ? 'After' : 'Value'}</th> : null}
            </tr>
          </thead>
          <tbody>
            {changes.map((change) => (
              <tr class={isStamp(change) ? 'quiet' : undefined}>
                <th scope="row">{printable(change.path, 120)}</th>
                {previousValue ? <Side change={change} side="before" /> : null}
                {currentValue ? <Side change={change} side="after" /> : null}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const isStamp = ({ path }: Change) => path === 'updatedAt' || path.endsWith('.updatedAt');

/** Renders a value. If part of a text changed, that part is marked. */
function Side({ change, side }: { change: Change; side: 'before' | 'after' }) {
  const text = change[side];
  if (text === undefined) return <td class="none">none</td>;
  const Mark = side === 'before' ? 'del' : 'ins';
  const [start, end] = change.kind === 'changed' ? differing(change.before ?? '', change.after ?? '', text) : [0, 0];
  return (
    <td>
      {legible(text.slice(0, start))}
      {start < end ? <Mark>{legible(text.slice(start, end))}</Mark> : null}
      {legible(text.slice(end))}
    </td>
  );
}

/** Returns the range in which two texts differ, or the whole text if they have little in common. */
function differing(before: string, after: string, text: string): readonly [number, number] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let shared = 0;
  while (shared < shorter - start && before.at(-1 - shared) === after.at(-1 - shared)) shared += 1;
  return start + shared < shorter / 3 || !/\s/.test(text) ? [0, text.length] : [start, text.length - shared];
}

const legible = (text: string) =>
  text
    .split('\n')
    .map((line) => printable(line))
    .join('\n');
