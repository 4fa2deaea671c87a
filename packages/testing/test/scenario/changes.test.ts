import { type BlueEvent, createReceiver } from '@blue-webhooks/core';
import { parseVerified } from '@blue-webhooks/core/adapter';
import { type Change, changes, compareEvents, entityOf, isStale, projectOf } from '@blue-webhooks/core/changes';
import { createBlueSimulator, createVirtualClock, type ScenarioChange, scenario } from '@blue-webhooks/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const eventOf = (payload: object): BlueEvent => parseVerified(JSON.stringify(payload)).event;

test('changes() returns exactly the changes of every event of a workspace, for any seed', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const said: Said[] = [];
      const happened: Said[] = [];
      for (const { event, changes: done, payload } of scenario({ seed, records: 25 })) {
        said.push([event, changes(eventOf(payload)).map(inScenariosWords).toSorted(byText)]);
        happened.push([event, done.map(inOneForm).toSorted(byText)]);
      }
      expect(said).toEqual(happened);
    }),
    { numRuns: 10 },
  );
});

test('workspaces make every kind of change that changes() reports', () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 30; seed++) {
    for (const { changes: done } of scenario({ seed, records: 25 })) {
      for (const change of done) seen.add('type' in change ? change.type : change.field);
    }
  }
  expect([...seen].toSorted()).toEqual([...new Set([...happenings, ...fieldTypes])].toSorted());
});

test('deliveries of a simulated Blue contain its changes', async () => {
  const events = ['TODO_MOVED', 'TODO_TAG_ADDED', 'TODO_CUSTOM_FIELD_UPDATED', 'COMMENT_UPDATED'] as const;
  const said: Said[] = [];
  const receiver = createReceiver({ secret: 'a secret' }).on(events, (event) =>
    said.push([event.event, changes(event).map(inScenariosWords).toSorted(byText)]),
  );
  const url = 'http://localhost/webhooks/blue';
  const clock = createVirtualClock();
  const blue = createBlueSimulator({ url, secret: 'a secret', events, clock, fetch: receiver.fetch });
  const steps = [...scenario({ seed: 3, records: 40 })].filter(({ event }) => events.some((name) => name === event));
  await blue.play(steps);
  expect(said.length).toBeGreaterThan(50);
  expect(said).toEqual(steps.map(({ event, changes: done }) => [event, done.map(inOneForm).toSorted(byText)]));
});

test('shuffled events of one entity are sorted into their order, and only the latest is not stale', () => {
  fc.assert(
    fc.property(seeds, fc.infiniteStream(fc.nat()), (seed, shuffle) => {
      const byEntity = new Map<string, BlueEvent[]>();
      for (const { entityId, payload } of scenario({ seed, records: 10 })) {
        byEntity.set(entityId, [...(byEntity.get(entityId) ?? []), eventOf(payload)]);
      }
      for (const events of byEntity.values()) {
        const keyed = events.map((event) => ({ event, key: shuffle.next().value as number }));
        const shuffled = keyed.toSorted((a, b) => a.key - b.key).map(({ event }) => event);
        expect(shuffled.toSorted(compareEvents)).toEqual(events);
        const lastUpdatedAt = events.map((event) => entityOf(event)?.updatedAt as string).at(-1);
        const fresh = events.filter((event) => !isStale(event, lastUpdatedAt));
        expect(fresh.every((event) => (entityOf(event)?.updatedAt as string) === lastUpdatedAt)).toBe(true);
        expect(fresh).toContain(events.at(-1));
      }
    }),
    { numRuns: 10 },
  );
});

test('every event of a workspace names its workspace and its organisation', () => {
  for (const { payload, event } of scenario({ seed: 5 })) {
    expect(projectOf(eventOf(payload)), event).toMatchObject({ name: 'Launch', company: { name: 'Rogue' } });
  }
});

const happenings = ['title', 'done', 'duedAt', 'timezone', 'todoListId', 'position', 'todoUsers', 'todoTags'].concat([
  'checklistItemUsers',
  'name',
  'description',
  'color',
  'html',
  'text',
]);
const fieldTypes = ['TEXT_SINGLE', 'NUMBER', 'CURRENCY', 'RATING', 'CHECKBOX', 'SELECT_SINGLE', 'SELECT_MULTI'].concat([
  'URL',
  'PHONE',
  'LOCATION',
  'COUNTRY',
]);

type Said = [event: string, changes: readonly object[]];

const byText = (one: object, other: object) => JSON.stringify(one).localeCompare(JSON.stringify(other));

/** The scenario's change, without the join rows' names: core names the rows that they join. */
function inOneForm({ kind, ...change }: ScenarioChange): object {
  return kind === 'members' ? { ...change, field: change.field === 'todoTags' ? 'tags' : 'assignees' } : change;
}

/** A change returned by core, in the format of the scenario. */
function inScenariosWords(change: Change): object {
  if (change.field === 'assignees' || change.field === 'tags') {
    const { field, added, removed } = change;
    return { added, field, removed };
  }
  if (change.field !== 'customField') return change;
  const { customFieldId, name, type } = change;
  const [before, after] = [change.before, change.after].map((value) => asScenarioReads(type, value));
  return { field: 'todoCustomFields', customFieldId, name, type, before, after };
}

/** The scenario reads one column of a row; core returns the complete value. */
function asScenarioReads(type: string, value: unknown): unknown {
  if (value === null) return null;
  const parts = value as { title: string; amount: number; number: string; latitude: number; longitude: number };
  switch (type) {
    case 'SELECT_SINGLE':
      return parts.title;
    case 'SELECT_MULTI':
      return (value as { title: string }[]).map(({ title }) => title);
    case 'CURRENCY':
      return parts.amount;
    case 'PHONE':
      return parts.number;
    case 'LOCATION':
      return { latitude: parts.latitude, longitude: parts.longitude };
    case 'COUNTRY':
      return (value as string[]).join(',');
    default:
      return value;
  }
}
