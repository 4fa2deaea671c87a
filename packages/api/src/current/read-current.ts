import { type BlueEvent, eventNames } from '@blue-webhooks/core';
import { projectOf } from '@blue-webhooks/core/changes';
import { Reader } from '../catch-up/reader';
import type { Kind, RecordTree, Row } from '../catch-up/rows';
import type { BlueClient } from '../client';
import { batched } from './batched';

/** Returns rows by the id of their record or workspace. */
type Find<T> = (id: string) => Promise<T | undefined>;

interface Current {
  readonly record: Find<RecordTree>;
  readonly comments: Find<readonly Row[]>;
  readonly list: Find<readonly Row[]>;
  readonly tag: Find<readonly Row[]>;
  readonly customField: Find<readonly Row[]>;
}

/** How long a caller waits; a delivery is one. */
export interface ReadCurrentOptions {
  /** Ends the wait. What is read for other callers goes on. */
  readonly signal?: AbortSignal | undefined;
}

const currentOf = new WeakMap<BlueClient, Current>();

/**
 * Reads the current state of an event's entity, for handlers that mirror state. Calls that wait are batched: up to 100 records in
 * two requests, the comments of 20 records, or the lists, tags or fields of a workspace in one. Returns `undefined` if the
 * entity is deleted, or hidden from the token's user. The row has the columns of a delivery as far as the API returns them.
 * Waiting for the budget can take a minute: call it in the handlers of an inbox, and pass the delivery, so that the wait ends with
 * the attempt.
 *
 * @example
 * receiver.on('TODO_MOVED', async (event, delivery) => save(await readCurrent(client, event, delivery)));
 * @throws TypeError if the event has no entity that can be read, such as a health check
 * @throws BlueApiError
 * @throws the reason of the signal if it aborts
 */
export async function readCurrent(
  client: BlueClient,
  event: BlueEvent,
  { signal }: ReadCurrentOptions = {},
): Promise<Row | undefined> {
  signal?.throwIfAborted();
  const { kind, row } = subjectOf(event);
  const current = currentOf.get(client) ?? createCurrent(client);
  currentOf.set(client, current);
  return orAborted(read(current, event, kind, row), signal);
}

async function read(current: Current, event: BlueEvent, kind: Kind, row: Row): Promise<Row | undefined> {
  const among = (rows: readonly Row[] | undefined) => rows?.find(({ id }) => id === row.id);
  switch (kind) {
    case 'record':
      return (await current.record(row.id))?.record;
    case 'checklist':
      return among((await current.record(recordIdOf(row)))?.checklists);
    case 'checklistItem':
      return among((await current.record(recordIdOf(row)))?.items);
    case 'comment': {
      const found = among(await current.comments(recordIdOf(row)));
      return found?.deletedAt ? undefined : found;
    }
    default:
      return among(await current[kind](workspaceIdOf(event)));
  }
}

function createCurrent(client: BlueClient): Current {
  const reading = async () => new Reader(client, await client.features(), undefined);
  const ofWorkspaces = (kind: 'lists' | 'tags' | 'fields') =>
    batched<readonly Row[]>(async (ids) => {
      const reader = await reading();
      const rows = new Map<string, readonly Row[]>();
      for (const id of ids) rows.set(id, await reader[kind](id));
      return rows;
    });
  return {
    record: batched(async (ids) => {
      const trees = new Map<string, RecordTree>();
      await (await reading()).byId(ids, async (found) => {
        for (const tree of found) trees.set(tree.record.id, tree);
      });
      return trees;
    }),
    comments: batched(async (ids) => {
      const comments = new Map<string, readonly Row[]>();
      const records = ids.map((id) => ({ id }));
      await (await reading()).comments(records, async ({ id }, rows) => void comments.set(id, rows));
      return comments;
    }),
    list: ofWorkspaces('lists'),
    tag: ofWorkspaces('tags'),
    customField: ofWorkspaces('fields'),
  };
}

/** @throws TypeError */
function subjectOf(event: BlueEvent): { readonly kind: Kind; readonly row: Row } {
  const kind = Object.entries(eventNames).find(([, names]) => (names as readonly string[]).includes(event.event))?.[0];
  const { currentValue, previousValue } = event as { currentValue?: Row | null; previousValue?: Row | null };
  const row = currentValue ?? previousValue;
  if (kind !== undefined && row) return { kind: kind as Kind, row };
  throw new TypeError(`readCurrent needs an event with an entity, but ${event.event} has none that can be read.`);
}

function recordIdOf(row: Row): string {
  const { checklist } = row as { readonly checklist?: { readonly todoId?: unknown } | null };
  const id = [row.todoId, checklist?.todoId].find((each) => typeof each === 'string');
  if (typeof id === 'string') return id;
  throw new TypeError('readCurrent needs the id of the record, but the row of this event has none.');
}

function workspaceIdOf(event: BlueEvent): string {
  const id = projectOf(event)?.id;
  if (id !== undefined) return id;
  throw new TypeError('readCurrent needs the workspace, but this event does not contain it.');
}

/** Settles as the work does, or rejects as soon as the signal aborts. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
