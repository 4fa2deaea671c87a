import { type CatchUpOptions, catchUp, followKnown, type KnownStore, memoryKnown } from '@blue-webhooks/api';
import { createReceiver, type EventName, eventNames, type Receiver } from '@blue-webhooks/core';
import { type ApiOptions, scenario } from '@blue-webhooks/testing';
import { secret, world } from './world';

type Row = Record<string, unknown> & { id: string };
type Joins = Record<string, unknown>[] | undefined;

const kinds = ['record', 'list', 'tag', 'customField', 'checklist', 'checklistItem', 'comment'] as const;
type MirroredKind = (typeof kinds)[number];

const ids = (joins: unknown, key: string) => ((joins as Joins) ?? []).map((join) => join[key]).sort();

/** What a mirror keeps of a row; the same for a delivery's row, a backfilled one and the server's. */
function kept(kind: MirroredKind, row: Row): object {
  if (kind === 'record') {
    const { title, done, todoListId, duedAt, archived, position } = row;
    const values = ((row.todoCustomFields as Joins) ?? []).map((value) => [
      value.customFieldId,
      ...['number', 'text', 'checked', 'countryCodes', 'latitude', 'longitude', 'customFieldOptionId'].map(
        (name) => value[name] ?? null,
      ),
      ids(value.todoCustomFieldOptions, 'customFieldOptionId'),
    ]);
    const joins = { users: ids(row.todoUsers, 'userId'), tags: ids(row.todoTags, 'tagId'), values: values.sort() };
    return { title, done, todoListId, duedAt: duedAt ?? null, archived, position: Number(position), ...joins };
  }
  if (kind === 'checklistItem') {
    const { title, done, duedAt } = row;
    return { title, done, duedAt: duedAt ?? null, users: ids(row.checklistItemUsers, 'userId') };
  }
  if (kind === 'comment') return { text: row.text, todoId: row.todoId };
  if (kind === 'tag') return { title: row.title, color: row.color };
  if (kind === 'customField') return { name: row.name, type: row.type };
  return { title: row.title };
}

/** A mirror of a workspace, made by handlers alone. */
function createMirror(receiver: Receiver) {
  const rows = new Map<string, object>();
  const signatures: string[] = [];
  const above: Record<string, string> = { checklist: 'todoId', checklistItem: 'checklistId', comment: 'todoId' };
  const parents = new Map<string, unknown>();
  const put = (kind: MirroredKind, row: Row) => {
    rows.set(`${kind} ${row.id}`, kept(kind, row));
    parents.set(`${kind} ${row.id}`, row[above[kind] ?? '']);
  };
  const remove = (kind: string, id: unknown) => {
    rows.delete(`${kind} ${id}`);
    for (const [key, parent] of parents) {
      const [below = '', belowId] = key.split(' ');
      const hangs =
        kind === 'record'
          ? below === 'checklist' || below === 'comment'
          : kind === 'checklist' && below === 'checklistItem';
      if (parent === id && hangs && parents.delete(key)) remove(below, belowId);
    }
  };
  for (const kind of kinds) {
    receiver.on(eventNames[kind] as readonly EventName[], (event, { signature }) => {
      const { currentValue, previousValue } = event as unknown as {
        currentValue: Row | null;
        previousValue: Row | null;
      };
      signatures.push(signature);
      if (currentValue) put(kind, currentValue);
      else remove(kind, previousValue?.id);
    });
  }
  receiver.onUnknown(({ payload }) => {
    const { kind, currentValue } = payload as { kind?: MirroredKind; currentValue?: Row };
    if (kind && currentValue) put(kind, currentValue);
  });
  return { rows, signatures };
}

/** What the server has, in the mirror's terms. */
function serverRows(rows: (kind: MirroredKind) => readonly Record<string, unknown>[]): Map<string, object> {
  return new Map(
    kinds.flatMap((kind) =>
      (rows(kind) as Row[])
        .filter(({ deletedAt }) => !deletedAt)
        .map((row) => [`${kind} ${row.id}`, kept(kind, row)] as const),
    ),
  );
}

/** A workspace whose webhook was off for an hour in the middle of a day, and the mirror that its receiver has kept. */
export async function afterAnHourOff(
  seed: number,
  api: ApiOptions = {},
  known: KnownStore = memoryKnown(),
  records = 10,
) {
  const receiver = createReceiver({ secret });
  const mirror = createMirror(receiver);
  followKnown(receiver, known);
  const { blue, clock, client } = world({ ...api, seed }, receiver.fetch);
  const steps = [...scenario({ seed, records })];
  const noon = Date.parse('2026-01-13T12:00:00.000Z');
  let offAt: Date | undefined;
  for (const { atMs, payload } of steps) {
    const isOff = atMs >= noon && atMs < noon + 3_600_000;
    if (isOff !== !blue.webhook.enabled) {
      await blue.settled();
      if (isOff) {
        offAt = new Date(clock.now());
        blue.disable();
      } else await blue.enable();
    }
    await clock.sleep(Math.max(0, atMs - clock.now()));
    void blue.emit(payload);
  }
  await blue.settled();
  await clock.sleep(600_000);
  const options: Omit<CatchUpOptions, 'client'> = {
    since: offAt as Date,
    projects: 'all',
    to: receiver,
    known,
    mode: 'full',
  };
  const run = (more: Partial<CatchUpOptions> = {}) => catchUp({ client: client(), ...options, ...more });
  return { blue, clock, client, mirror, known, run, server: () => serverRows((kind) => blue.api.rows(kind)) };
}
