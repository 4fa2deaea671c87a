import { type Change, diffOf } from './diff';
import { html, type Markup } from './markup';
import { legible, printable } from './printable';

/** Renders what an event changed, as a table; `undefined` if it carries no entity. */
export function changesOf({
  previousValue,
  currentValue,
  record,
}: Readonly<Record<string, unknown>>): Markup | undefined {
  const current = currentValue ?? record;
  if (!previousValue && !current) return undefined;
  const what = previousValue && current ? 'changed' : current ? 'was created' : 'was deleted';
  return changeTable({ id: 'changes', heading: `What ${what}`, previous: previousValue, current });
}

/** Two states of an entity, and what their comparison is called. */
export interface Comparison {
  /** The id of the heading. */
  readonly id: string;
  readonly heading: string;
  readonly previous: unknown;
  readonly current: unknown;
  /** What is shown below the heading. */
  readonly note?: Markup | undefined;
}

/** Renders the differences between two states of an entity. */
export function changeTable({ id, heading, previous, current, note }: Comparison): Markup {
  const all = diffOf(previous, current);
  // Timestamps change with every event: they come last.
  const changes = [...all.filter((change) => !isStamp(change)), ...all.filter(isStamp)];
  return html`<section aria-labelledby="${id}">
<h3 id="${id}">${heading}</h3>
${note}
${
  changes.length === 0
    ? html`<p>No changes: both values are equal.</p>`
    : html`<table class="changes">
<thead><tr><th scope="col">Field</th>${previous ? html`<th scope="col">${current ? 'Before' : 'Value'}</th>` : ''}${
        current ? html`<th scope="col">${previous ? 'After' : 'Value'}</th>` : ''
      }</tr></thead>
<tbody>
${changes.map(
  (change) =>
    html`<tr${isStamp(change) ? html` class="quiet"` : ''}><th scope="row">${printable(change.path, 120)}</th>${
      previous ? side(change, 'before') : ''
    }${current ? side(change, 'after') : ''}</tr>
`,
)}</tbody>
</table>`
}
</section>`;
}

const isStamp = ({ path }: Change) => path === 'updatedAt' || path.endsWith('.updatedAt');

/** Renders a value. If part of a text changed, that part is marked. */
function side(change: Change, which: 'before' | 'after'): Markup {
  const text = change[which];
  if (text === undefined) return html`<td class="none">none</td>`;
  const [start, end] = change.kind === 'changed' ? differing(change.before ?? '', change.after ?? '', text) : [0, 0];
  const marked = legible(text.slice(start, end));
  const mark = which === 'before' ? html`<del>${marked}</del>` : html`<ins>${marked}</ins>`;
  return html`<td>${legible(text.slice(0, start))}${start < end ? mark : ''}${legible(text.slice(end))}</td>`;
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
