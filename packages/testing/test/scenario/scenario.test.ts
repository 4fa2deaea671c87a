import { eventNames, sign, verify } from '@blue-webhooks/core';
import { type ScenarioChange, type ScenarioOptions, type ScenarioStep, scenario } from '@blue-webhooks/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const secret = 'blue-test-secret-1';
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const bytesOf = (options: ScenarioOptions) => JSON.stringify([...scenario(options)]);

type Row = Record<string, unknown> & { id: string; createdAt: string; updatedAt: string };
const valuesOf = ({ payload }: ScenarioStep) =>
  payload as unknown as { previousValue: Row | null; currentValue: Row | null };

/** Every row in a payload, however deep. */
function* rowsIn(value: unknown): Generator<Row> {
  if (typeof value !== 'object' || value === null) return;
  if ('id' in value && 'createdAt' in value) yield value as Row;
  for (const inner of Object.values(value)) yield* rowsIn(inner);
}

const property = (check: (steps: ScenarioStep[]) => void) =>
  fc.assert(
    fc.property(seeds, (seed) => check([...scenario({ seed, records: 60, days: 3 })])),
    { numRuns: 10 },
  );

test('the same seed produces the same bytes in every iteration; another seed produces others', () => {
  const options = { seed: 42, records: 30, days: 2 };
  const once = scenario(options);
  expect(JSON.stringify([...once])).toBe(JSON.stringify([...once]));
  expect(bytesOf(options)).toBe(bytesOf(options));
  expect(bytesOf({ ...options, seed: 43 })).not.toBe(bytesOf(options));
});

test('it has the stated records, about ten events for each, within the stated days, at working hours', () => {
  const steps = [...scenario({ records: 80, days: 4, startAt: '2026-03-02T07:00:00Z' })];
  expect(steps.filter(({ event }) => event === 'TODO_CREATED')).toHaveLength(80);
  expect(steps.length).toBeGreaterThan(700);
  expect(steps.length).toBeLessThan(900);
  const days = new Set(steps.map(({ atMs }) => new Date(atMs).toISOString().slice(0, 10)));
  expect([...days]).toEqual(['2026-03-02', '2026-03-03', '2026-03-04', '2026-03-05']);
  for (const { atMs } of steps) {
    const hour = new Date(atMs).getUTCHours();
    expect(hour >= 7 && hour < 17).toBe(true);
  }
});

test('there are never more than 201 records, so that it can run indefinitely', () => {
  const records = new Set<string>();
  let most = 0;
  for (const { event, entityId } of scenario({ records: 600 })) {
    if (event === 'TODO_CREATED') most = Math.max(most, records.add(entityId).size);
    if (event === 'TODO_DELETED') records.delete(entityId);
  }
  expect(most).toBe(201);
});

test('every event of the catalogue happens', () => {
  const all = Object.values(eventNames).flat();
  for (const seed of [1, 2, 3]) {
    const names = new Set([...scenario({ seed, records: 150 })].map(({ event }) => event));
    expect(all.filter((name) => !names.has(name))).toEqual([]);
  }
});

test('every payload parses as its event, without drift', async () => {
  for (const { event: name, payload, entityId } of scenario({ seed: 5, records: 150, days: 3 })) {
    const body = JSON.stringify(payload);
    const { event, drift } = await verify({ body, signature: await sign(body, secret), secret });
    expect([event.event, drift]).toEqual([name, []]);
    const entity = event.event !== 'UNKNOWN' && (event.currentValue ?? event.previousValue);
    expect(entity).toMatchObject({ id: entityId });
  }
});

describe('for any seed', () => {
  test("an entity's previousValue is its last emitted currentValue, and no entity returns after its deletion", () => {
    property((steps) => {
      const last = new Map<string, Row>();
      const gone = new Set<string>();
      for (const step of steps) {
        const { previousValue, currentValue } = valuesOf(step);
        expect(previousValue).toEqual(last.get(step.entityId) ?? null);
        expect(gone.has(step.entityId)).toBe(false);
        if (currentValue) last.set(step.entityId, currentValue);
        else gone.add(step.entityId);
        expect(previousValue === null).toBe(/_CREATED$/.test(step.event));
        expect(currentValue === null).toBe(/_DELETED$/.test(step.event));
      }
    });
  });

  test('time advances, every change sets updatedAt to its time, and steps are in order of time', () => {
    property((steps) => {
      let lastMs = 0;
      for (const step of steps) {
        const { previousValue, currentValue } = valuesOf(step);
        expect(step.atMs).toBeGreaterThan(lastMs);
        lastMs = step.atMs;
        const now = new Date(step.atMs).toISOString();
        if (currentValue) expect(currentValue.updatedAt).toBe(now);
        if (!previousValue) expect(currentValue?.createdAt).toBe(now);
        for (const row of rowsIn(currentValue)) {
          expect(row.createdAt <= row.updatedAt && row.updatedAt <= now).toBe(true);
        }
      }
    });
  });

  test('foreign keys match their relations, and refer to existing rows', () => {
    property((steps) => {
      const existing = new Set<string>();
      for (const step of steps) {
        const { currentValue } = valuesOf(step);
        if (currentValue) existing.add(step.entityId);
        for (const row of rowsIn(currentValue)) {
          for (const [key, value] of Object.entries(row)) {
            const relation = row[key.slice(0, -2)] as Row | undefined;
            if (key.endsWith('Id') && relation) expect(value).toBe(relation.id);
          }
          for (const key of ['todoListId', 'todoId', 'tagId', 'customFieldId', 'checklistId', 'checklistItemId']) {
            if (typeof row[key] === 'string') expect(existing.has(row[key])).toBe(true);
          }
        }
        if (!currentValue) existing.delete(step.entityId);
      }
    });
  });

  test('no two events have the same bytes, and no two rows the same id', () => {
    property((steps) => {
      expect(new Set(steps.map(({ payload }) => JSON.stringify(payload))).size).toBe(steps.length);
      const uids = new Map<string, string>();
      for (const step of steps) {
        for (const { id, uid } of rowsIn(valuesOf(step).currentValue)) {
          expect(uids.get(id) ?? uid).toBe(uid);
          uids.set(id, uid as string);
        }
      }
      expect(new Set(uids.values()).size).toBe(uids.size);
    });
  });

  test('the position of a record is a decimal string, all other positions are numbers', () => {
    property((steps) => {
      for (const step of steps) {
        for (const row of rowsIn(valuesOf(step).currentValue)) {
          if ('todoListId' in row) expect(row.position).toMatch(/^\d+(\.\d+)?$/);
          else if ('position' in row) expect(row.position).toBeTypeOf('number');
        }
      }
    });
  });

  test('a step lists exactly the changes of the update', () => {
    property((steps) => {
      for (const step of steps) {
        const { previousValue, currentValue } = valuesOf(step);
        if (previousValue && currentValue) {
          expect([step.event, differences(previousValue, currentValue)]).toEqual([step.event, sorted(step.changes)]);
        } else expect(step.changes).toEqual([]);
      }
    });
  });
});

test('changing the payload of a step changes no other step', () => {
  const expected = bytesOf({ records: 15 });
  const texts: string[] = [];
  for (const step of scenario({ records: 15 })) {
    texts.push(JSON.stringify(step));
    step.payload.webhook.name = 'changed';
    for (const row of rowsIn(step.payload)) Object.assign(row, { uid: 'changed', updatedAt: 'changed' });
  }
  expect(`[${texts.join()}]`).toBe(expected);
});

test.each([
  [{ seed: 1.5 }, /seed/],
  [{ seed: '1' }, /seed/],
  [{ days: 0 }, /days/],
  [{ days: 0.5 }, /days/],
  [{ records: -1 }, /records/],
  [{ records: Number.POSITIVE_INFINITY }, /records/],
  [{ startAt: 'soon' }, /startAt/],
])('%j is refused immediately', (options, message) => {
  expect(() => scenario(options as ScenarioOptions)).toThrow(TypeError);
  expect(() => scenario(options as ScenarioOptions)).toThrow(message);
});

/** What differs between two rows of one entity, computed from the rows only, in the form of a step's changes. */
function differences(before: Row, after: Row): unknown[] {
  const changes: unknown[] = [];
  for (const field of Object.keys(after)) {
    const [was, is] = [before[field], after[field]];
    if (Array.isArray(is)) changes.push(...membersDifference(field, was as Row[], is as Row[]));
    else if (typeof is !== 'object' || is === null || typeof was !== 'object') {
      if (field !== 'updatedAt' && was !== is) changes.push({ kind: 'column', field, before: was, after: is });
    }
  }
  return sorted(changes);
}

function membersDifference(field: string, before: readonly Row[], after: readonly Row[]): unknown[] {
  if (field === 'todoCustomFields') {
    const ids = new Set([...before, ...after].map((row) => row.customFieldId as string));
    return [...ids].flatMap((customFieldId) => {
      const [was, is] = [before, after].map((rows) => rows.find((row) => row.customFieldId === customFieldId));
      if (JSON.stringify(valueColumns(was)) === JSON.stringify(valueColumns(is))) return [];
      const { name, type } = ((is ?? was) as Row).customField as { name: string; type: string };
      return [{ kind: 'customField', field, customFieldId, name, type, before: readRow(was), after: readRow(is) }];
    });
  }
  if (field === 'customFieldOptions') return [];
  const key = field === 'todoTags' ? 'tagId' : 'userId';
  const missing = (rows: readonly Row[], others: readonly Row[]) =>
    rows.filter((row) => !others.some((other) => other[key] === row[key])).map((row) => row[key]);
  const [added, removed] = [missing(after, before), missing(before, after)];
  return added.length + removed.length > 0 ? [{ kind: 'members', field, added, removed }] : [];
}

function valueColumns(row: Row | undefined): unknown {
  if (!row) return null;
  const { number, text, countryCodes, checked, latitude, longitude, customFieldOptionId, todoCustomFieldOptions } = row;
  return [number, text, countryCodes, checked, latitude, longitude, customFieldOptionId, todoCustomFieldOptions];
}

/** The value in a join row, by the type of its field. */
function readRow(row: Row | undefined): unknown {
  if (!row) return null;
  const option = row.customFieldOption as { title: string } | null;
  const options = row.todoCustomFieldOptions as { customFieldOption: { title: string } }[];
  switch ((row.customField as { type: string }).type) {
    case 'CHECKBOX':
      return row.checked;
    case 'SELECT_SINGLE':
      return option?.title;
    case 'SELECT_MULTI':
      return options.map(({ customFieldOption }) => customFieldOption.title);
    case 'LOCATION':
      return { latitude: row.latitude, longitude: row.longitude };
    case 'COUNTRY':
      return row.countryCodes;
    default:
      return row.number ?? row.text;
  }
}

const sorted = (changes: readonly (ScenarioChange | unknown)[]) =>
  [...changes].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
