import { isObject } from '@blue-webhooks/core/adapter';

/** A difference between two states of an entity. */
export interface Change {
  /** The path, such as `todoList.title` or `todoTags`. */
  readonly path: string;
  readonly kind: 'changed' | 'added' | 'removed';
  /** `undefined` if there was no value. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

type Row = Readonly<Record<string, unknown>>;

const MAX_CHANGES = 300;
const MAX_DEPTH = 8;
const MAX_TEXT = 2_000;

/**
 * Returns the differences, field by field. Rows of a list are matched by their `id`, so that an added tag is one line instead of
 * the whole list. For a creation or a deletion, returns the fields of the entity.
 */
export function diffOf(previous: unknown, current: unknown): readonly Change[] {
  const changes: Change[] = [];
  if (isRow(previous) && isRow(current)) compare(previous, current, '', 0, changes);
  else if (isRow(current)) list(current, 'added', changes);
  else if (isRow(previous)) list(previous, 'removed', changes);
  return changes.slice(0, MAX_CHANGES);
}

function compare(before: unknown, after: unknown, path: string, depth: number, changes: Change[]): void {
  if (Object.is(before, after) || changes.length >= MAX_CHANGES) return;
  if (depth < MAX_DEPTH && isRow(before) && isRow(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(own(before, key), own(after, key), path === '' ? key : `${path}.${key}`, depth + 1, changes);
    }
  } else if (depth < MAX_DEPTH && Array.isArray(before) && Array.isArray(after)) {
    compareLists(before, after, path, depth, changes);
  } else {
    const [was, is] = [shown(before), shown(after)];
    // Values beyond the maximum depth may be equal.
    if (typeof before === 'object' && typeof after === 'object' && was === is) return;
    changes.push({ path, kind: kindOf(before, after), before: was, after: is });
  }
}

function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  depth: number,
  changes: Change[],
): void {
  const [old, now] = [byId(before), byId(after)];
  if (!old || !now) {
    for (let place = 0; place < Math.max(before.length, after.length); place++) {
      compare(before[place], after[place], `${path}.${place}`, depth + 1, changes);
    }
    return;
  }
  for (const [id, row] of old) {
    const kept = now.get(id);
    if (kept) compare(row, kept, `${path}[${labelOf(row)}]`, depth + 1, changes);
    else changes.push({ path, kind: 'removed', before: labelOf(row), after: undefined });
  }
  for (const [id, row] of now) {
    if (!old.has(id)) changes.push({ path, kind: 'added', before: undefined, after: labelOf(row) });
  }
}

/** Indexes rows by id, or returns `undefined` if ids are missing or not unique. */
function byId(list: readonly unknown[]): Map<unknown, Row> | undefined {
  const rows = list.filter(isRow);
  const found = new Map(rows.map((row) => [row.id, row]));
  return rows.length === list.length && found.size === list.length && !found.has(undefined) ? found : undefined;
}

function list(row: Row, kind: 'added' | 'removed', changes: Change[]): void {
  for (const [path, value] of Object.entries(row)) {
    if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) continue;
    const text = shown(value);
    changes.push({
      path,
      kind,
      before: kind === 'added' ? undefined : text,
      after: kind === 'added' ? text : undefined,
    });
  }
}

function kindOf(before: unknown, after: unknown): Change['kind'] {
  if (before === undefined || before === null) return 'added';
  return after === undefined || after === null ? 'removed' : 'changed';
}

/** Formats a value, or returns `undefined` if there is none. */
function shown(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return cut(value);
  if (isRow(value)) return labelOf(value);
  if (Array.isArray(value) && value.length > 0 && value.every(isRow)) return cut(value.map(labelOf).join(', '));
  try {
    return cut(JSON.stringify(value));
  } catch {
    return '(nested too deeply)';
  }
}

const labels = ['title', 'name', 'fullName', 'email', 'text'];
const MAX_LABEL = 80;

/** Returns the title or name of a row, or of the row that it joins. */
function labelOf(row: Row, depth = 0): string {
  for (const key of labels)
    if (typeof row[key] === 'string' && row[key] !== '') return (row[key] as string).slice(0, MAX_LABEL);
  if (depth < 2) {
    for (const key of ['tag', 'user', 'customField', 'customFieldOption', 'todo', 'project']) {
      const joined = row[key];
      if (isRow(joined)) return labelOf(joined, depth + 1);
    }
  }
  return typeof row.id === 'string' ? row.id.slice(0, MAX_LABEL) : `${Object.keys(row).length} fields`;
}

const cut = (text: string) => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);

const own = (row: Row, key: string): unknown => (Object.hasOwn(row, key) ? row[key] : undefined);

const isRow: (value: unknown) => value is Row = isObject;
