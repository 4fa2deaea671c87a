import { createReceiver, DriverError } from '@blue-webhooks/core';
import {
  createInbox,
  type DeliveryFilter,
  type DeliveryState,
  type FullInboxDelivery,
  type Inbox,
  type InboxDelivery,
  StoreError,
  type StoreErrorCode,
  sqliteStore,
} from '@blue-webhooks/inbox';
import type { Command } from '../command';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { didYouMean } from '../nearest';
import { numberOf, parseOptions } from '../options';
import { printable } from '../printable';

const states: readonly DeliveryState[] = ['held', 'waiting', 'active', 'done', 'skipped', 'dead'];

const options = {
  db: { type: 'string' },
  state: { type: 'string' },
  event: { type: 'string' },
  entity: { type: 'string' },
  since: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** How one of the command's own commands is given its work. */
interface Asked {
  readonly inbox: Inbox;
  readonly ids: readonly string[];
  readonly filter: DeliveryFilter;
  readonly limit: number;
  readonly json: boolean;
  readonly context: Context;
}

const actions: Readonly<Record<string, (asked: Asked) => Promise<number>>> = { list, show, replay, stats };

/** Looks into an inbox, and lets deliveries run again. */
export const inboxCommand: Command = {
  name: 'inbox',
  summary: "look into an inbox's file: list, show, replay, stats",
  help: `Usage: blue-webhooks inbox list --db FILE [filter] [--limit N]
       blue-webhooks inbox show ID --db FILE
       blue-webhooks inbox replay ID... --db FILE
       blue-webhooks inbox replay --state dead --db FILE [filter]
       blue-webhooks inbox stats --db FILE

The file of an inbox of @blue-webhooks/inbox, yours or that of 'listen --db'. What is to be replayed is handled by the
process that works on the inbox, as soon as it runs. An ID may be cut off where it is unmistakable among the newest 1,000.

  --db FILE           the inbox
  --state STATE       only those that are ${states.join(', ')}
  --event EVENT       only those of this event
  --entity ID         only those of this record, comment, ...
  --since TIME        only those received since then, such as 2026-01-31 or 2026-01-31T08:00:00Z
  --limit N           so many at most (50)
  --json              the result as JSON

Examples:
  blue-webhooks inbox list --state dead --db blue-inbox.db
  blue-webhooks inbox replay --state dead --since 2026-01-31 --db blue-inbox.db`,
  async run(args, context) {
    const { values, names } = parseOptions('inbox', args, options, Number.POSITIVE_INFINITY);
    const [name = '', ...ids] = names;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) {
      const hint = didYouMean(name, Object.keys(actions)) || ' See blue-webhooks inbox --help.';
      throw new CommandError(`inbox needs one of ${Object.keys(actions).join(', ')}.${hint}`);
    }
    const { db, state, event, entity, since, json = false } = values;
    if (db === undefined) throw new CommandError('inbox needs --db FILE, the file that your inbox keeps.');
    const filter: DeliveryFilter = {
      ...(state === undefined ? {} : { state: stateOf(state) }),
      ...(event === undefined ? {} : { event: event.toUpperCase() }),
      ...(entity === undefined ? {} : { entityId: entity }),
      ...(since === undefined ? {} : { since: timeOf(since) }),
    };
    const limit = numberOf('limit', values.limit, { min: 1, max: 1_000 }) ?? 50;
    await requireInbox(db);
    // Never started: it verifies nothing and handles nothing.
    const store = sqliteStore(db, { readOnly: action !== replay });
    const inbox = createInbox({ receiver: createReceiver({ allowUnsigned: true }), store });
    try {
      return await action({ inbox, ids, filter, limit, json, context });
    } catch (error) {
      throw error instanceof CommandError ? error : unreadable(db, error);
    } finally {
      await inbox.stop();
    }
  },
};

/**
 * Checks a file by reading it, so that no byte of another program's database changes, whatever is to be done.
 * @throws CommandError if it is not an inbox database
 */
async function requireInbox(db: string): Promise<void> {
  try {
    await sqliteStore(db, { readOnly: true }).open();
  } catch (error) {
    if (!StoreError.is(error)) throw unreadable(db, error);
    const reasons: Partial<Record<StoreErrorCode, string>> = {
      NO_FILE: `${db} is not an inbox database: there is no such file.`,
      NEWER_INBOX: `${db} is not an inbox database that this version can read. ${error.message}`,
    };
    throw new CommandError(printable(reasons[error.code] ?? error.message), 1);
  }
}

const unreadable = (db: string, error: unknown) =>
  new CommandError(`${printable(db)} cannot be used: ${printable(DriverError.from(error).message)}`, 1);

async function list({ inbox, filter, limit, json, context: { out, err } }: Asked): Promise<number> {
  const { deliveries, cursor } = await inbox.list({ ...filter, limit });
  if (json) {
    out.json(deliveries);
    return 0;
  }
  out.line(out.paint('dim', row('RECEIVED', 'STATE', 'EVENT', 'ID', 'TRIES', 'LAST ERROR')));
  for (const { receivedAt, state, event, id, attempts, lastError = '' } of deliveries) {
    const text = row(receivedAt.toISOString(), state, event, id, String(attempts), lastError);
    out.line(state === 'dead' ? out.paint('red', text) : text);
  }
  if (deliveries.length === 0) err.line('Nothing is like that.');
  if (cursor !== undefined) err.line(`There are more: --limit shows up to 1,000, --state, --event and --since choose.`);
  return 0;
}

function row(received: string, state: string, event: string, id: string, tries: string, error: string): string {
  const start = [received.padEnd(26), state.padEnd(9), printable(event, 40).padEnd(41), printable(id, 40).padEnd(34)];
  return `${start.join('')}${tries.padEnd(7)}${printable(error, 100)}`.trimEnd();
}

async function show({ inbox, ids, json, context: { out } }: Asked): Promise<number> {
  if (ids.length !== 1) throw new CommandError("inbox show needs one ID: 'blue-webhooks inbox list' shows them.");
  const delivery = await find(inbox, ids[0] as string);
  if (json) {
    out.json(delivery);
    return 0;
  }
  const facts: [string, string | undefined][] = [
    ['id', delivery.id],
    ['event', delivery.event],
    ['entity', delivery.entityId],
    ['webhook', delivery.webhookId],
    ['secret', delivery.secretId],
    ['received', delivery.receivedAt.toISOString()],
    ['state', delivery.state],
    ['attempts', String(delivery.attempts)],
    ['next attempt', delivery.retryAt?.toISOString()],
    ['finished', delivery.finishedAt?.toISOString()],
    ['last error', delivery.lastError],
  ];
  for (const [name, value] of facts) {
    if (value !== undefined) out.line(`${out.paint('dim', name.padEnd(13))}${printable(value)}`);
  }
  out.line();
  out.json(JSON.parse(delivery.rawBody));
  return 0;
}

async function replay({ inbox, ids, filter, json, context: { out } }: Asked): Promise<number> {
  const chosen = Object.keys(filter).length > 0;
  if (ids.length > 0 === chosen) throw new CommandError('inbox replay needs IDs, or a filter such as --state dead.');
  const found: InboxDelivery[] = [];
  for (const id of ids) found.push(await find(inbox, id));
  const replayed = await inbox.replay(chosen ? filter : found.map(({ id }) => id));
  if (json) out.json({ replayed });
  else out.line(`${replayed} will run again, as soon as a process works on this inbox.`);
  return replayed > 0 ? 0 : 1;
}

async function stats({ inbox, json, context: { out } }: Asked): Promise<number> {
  const counts = await inbox.stats();
  if (json) out.json(counts);
  else for (const state of states) out.line(`${state.padEnd(9)}${counts[state]}`);
  return 0;
}

const MIN_PREFIX = 4;

/** @throws CommandError unless one delivery is meant */
async function find(inbox: Inbox, typed: string): Promise<FullInboxDelivery> {
  const exact = await inbox.get(typed);
  if (exact) return exact;
  const { deliveries } = typed.length < MIN_PREFIX ? { deliveries: [] } : await inbox.list({ limit: 1_000 });
  const [found, another] = deliveries.filter(({ id }) => id.startsWith(typed));
  const delivery = found && !another ? await inbox.get(found.id) : undefined;
  if (delivery) return delivery;
  throw new CommandError(
    `${another ? 'Several deliveries begin' : 'There is no delivery'} with the id '${printable(typed, 60)}'.`,
  );
}

function stateOf(typed: string): DeliveryState {
  const state = states.find((known) => known === typed.toLowerCase());
  if (state) return state;
  const hint = didYouMean(typed, states) || ` It is one of ${states.join(', ')}.`;
  throw new CommandError(`There is no state '${printable(typed, 40)}'.${hint}`);
}

function timeOf(typed: string): Date {
  const time = new Date(typed);
  if (Number.isFinite(time.getTime())) return time;
  throw new CommandError(
    `--since must be a time such as 2026-01-31 or 2026-01-31T08:00:00Z, not '${printable(typed, 40)}'.`,
  );
}
