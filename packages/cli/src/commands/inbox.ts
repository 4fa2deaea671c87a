import { createReceiver } from '@blue-webhooks/core';
import { DriverError } from '@blue-webhooks/core/adapter';
import {
  createInbox,
  type DeliveryFilter,
  type DeliveryState,
  type FullInboxDelivery,
  type Inbox,
  type InboxDelivery,
  type PauseScope,
  StoreError,
  type StoreErrorCode,
  sqliteStore,
} from '@blue-webhooks/inbox';
import { type AddCommand, examples } from '../command';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { didYouMean } from '../nearest';
import { numberOption } from '../options';
import { printable } from '../printable';
import { type ReplayRequest, replayDeliveries } from './inbox-replay';

const states: readonly DeliveryState[] = ['held', 'waiting', 'active', 'done', 'skipped', 'dead'];

interface Options {
  readonly db?: string;
  readonly state?: DeliveryState;
  readonly event?: string;
  readonly entity?: string;
  readonly since?: Date;
  readonly limit?: number;
  readonly json?: boolean;
  readonly webhook?: string | undefined;
  readonly reason?: string | undefined;
  readonly by?: string | undefined;
  readonly perSecond?: number;
  readonly dryRun?: boolean;
  readonly finishedBefore?: Date;
}

/** What an action of the command works with. */
interface Task {
  readonly inbox: Inbox;
  readonly ids: readonly string[];
  readonly filter: DeliveryFilter;
  readonly limit: number;
  readonly pausing: Pick<Options, 'webhook' | 'reason' | 'by'>;
  readonly replaying: Omit<ReplayRequest, 'json'>;
  readonly json: boolean;
  readonly context: Context;
}

const actions: Readonly<Record<string, (task: Task) => Promise<number>>> = { list, show, replay, stats, pause, resume };
/** The actions that change the database. */
const writing: readonly unknown[] = [replay, pause, resume];

/** Examines an inbox, and replays its deliveries. */
export const addInbox: AddCommand = (program, context, end) => {
  program
    .command('inbox')
    .summary("List, show, count, replay and pause the deliveries in an inbox's database.")
    .description(
      `Read the database of an inbox of @blue-webhooks/inbox: your own, or that of 'listen --db'. It is opened read-only; only 'replay', 'pause' and 'resume' change it. Replayed deliveries are handled by the process that runs the inbox. With --per-second they are replayed at that pace, and an interrupted replay can be continued. During a pause, deliveries are still stored and acknowledged; every process that runs the inbox takes none until 'resume', and 'stats' shows the pause. An ID may be abbreviated if it is unambiguous among the newest 1,000 deliveries.`,
    )
    .usage(
      `list --db FILE [filter] [--limit N]
       blue-webhooks inbox show ID --db FILE
       blue-webhooks inbox replay ID... --db FILE
       blue-webhooks inbox replay --state dead --db FILE [filter] [--per-second N] [--dry-run]
       blue-webhooks inbox stats --db FILE
       blue-webhooks inbox pause --reason TEXT --db FILE [--by NAME] [--event EVENT] [--webhook ID]
       blue-webhooks inbox resume --db FILE [--event EVENT] [--webhook ID]`,
    )
    .argument('[ACTION]', 'list, show, replay, stats, pause or resume')
    .argument('[ID...]', 'the ids of deliveries')
    .option('--db <FILE>', 'the database')
    .option('--state <STATE>', `only deliveries in this state: ${states.join(', ')}`, stateOf)
    .option('--event <EVENT>', 'only deliveries of this event')
    .option('--entity <ID>', 'only deliveries about this record, comment, ...')
    .option(
      '--since <TIME>',
      'only deliveries received since then, such as 2026-01-31 or 2026-01-31T08:00:00Z',
      timeOption('since'),
    )
    .option('--webhook <ID>', 'pause or resume only deliveries of this webhook')
    .option('--reason <TEXT>', 'why the inbox is paused')
    .option('--by <NAME>', 'who pauses it')
    .option(
      '--per-second <N>',
      'replay at most N deliveries within any second (default all immediately)',
      numberOption('per-second', { min: 1, max: 10_000 }),
    )
    .option('--dry-run', 'count the deliveries that would be replayed, and change nothing')
    .option(
      '--finished-before <TIME>',
      'leave out deliveries that were finished since then, to continue a replay',
      timeOption('finished-before'),
    )
    .option('--limit <N>', 'list at most N deliveries (default 50)', numberOption('limit', { min: 1, max: 1_000 }))
    .option('--json', 'Print the result as JSON.')
    .addHelpText(
      'after',
      examples(
        'inbox list --state dead --db blue-inbox.db',
        'inbox replay --state dead --since 2026-01-31 --db blue-inbox.db',
        'inbox replay --state dead --per-second 5 --db blue-inbox.db',
        "inbox pause --event TODO_MOVED --reason 'CRM down' --by Ada --db blue-inbox.db",
      ),
    )
    .action(async (name: string | undefined, ids: string[], options: Options) =>
      end(await perform(name ?? '', ids, options, context)),
    );
};

async function perform(name: string, ids: readonly string[], options: Options, context: Context): Promise<number> {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) {
    const hint = didYouMean(name, Object.keys(actions)) || ' See blue-webhooks inbox --help.';
    throw new CommandError(`inbox needs one of ${Object.keys(actions).join(', ')}.${hint}`);
  }
  const { db, state, event, entity, since, limit = 50, json = false, webhook, reason, by } = options;
  const { perSecond, dryRun = false, finishedBefore } = options;
  const replaying = { perSecond, dryRun, finishedBefore };
  if (action !== replay && (perSecond !== undefined || dryRun || finishedBefore !== undefined))
    throw new CommandError('--per-second, --dry-run and --finished-before are options of inbox replay.');
  if (db === undefined) throw new CommandError('inbox needs --db FILE, the database of your inbox.');
  const filter: DeliveryFilter = {
    ...(state === undefined ? {} : { state }),
    ...(event === undefined ? {} : { event: event.toUpperCase() }),
    ...(entity === undefined ? {} : { entityId: entity }),
    ...(since === undefined ? {} : { since }),
  };
  await requireInbox(db);
  // Never started: it verifies nothing and handles nothing.
  const store = sqliteStore(db, { readOnly: dryRun || !writing.includes(action) });
  const inbox = createInbox({ receiver: createReceiver({ allowUnsigned: true }), store });
  try {
    return await action({ inbox, ids, filter, limit, pausing: { webhook, reason, by }, replaying, json, context });
  } catch (error) {
    throw error instanceof CommandError ? error : unreadable(db, error);
  } finally {
    await inbox.stop();
  }
}

/**
 * Checks a file by reading it, before anything is written: no byte of another program's database changes.
 * @throws CommandError if it is not an inbox database
 */
export async function requireInbox(db: string): Promise<void> {
  try {
    await sqliteStore(db, { readOnly: true }).open();
  } catch (error) {
    if (!StoreError.is(error)) throw unreadable(db, error);
    const reasons: Partial<Record<StoreErrorCode, string>> = {
      NO_FILE: `${db} is not an inbox database: the file does not exist.`,
      NEWER_INBOX: `${db} is not an inbox database that this version can read. ${error.message}`,
    };
    throw new CommandError(printable(reasons[error.code] ?? error.message), 1);
  }
}

const unreadable = (db: string, error: unknown) =>
  new CommandError(`${printable(db)} cannot be used: ${printable(DriverError.from(error).message)}`, 1);

async function list({ inbox, filter, limit, json, context: { out, err } }: Task): Promise<number> {
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
  if (deliveries.length === 0) err.line('No deliveries match.');
  if (cursor !== undefined)
    err.line('There are more deliveries: raise --limit (up to 1,000), or filter by --state, --event and --since.');
  return 0;
}

function row(received: string, state: string, event: string, id: string, tries: string, error: string): string {
  const start = [received.padEnd(26), state.padEnd(9), printable(event, 40).padEnd(41), printable(id, 40).padEnd(34)];
  return `${start.join('')}${tries.padEnd(7)}${printable(error, 100)}`.trimEnd();
}

async function show({ inbox, ids, json, context: { out } }: Task): Promise<number> {
  if (ids.length !== 1) throw new CommandError("inbox show needs one ID: 'blue-webhooks inbox list' prints them.");
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
    ['waits for', delivery.limitKey && `the limit ${delivery.limitKey}`],
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

async function replay({ inbox, ids, filter, replaying, json, context }: Task): Promise<number> {
  const chosen = Object.keys(filter).length > 0;
  if (ids.length > 0 === chosen) throw new CommandError('inbox replay needs IDs, or a filter such as --state dead.');
  const found: InboxDelivery[] = [];
  for (const id of ids) found.push(await find(inbox, id));
  return replayDeliveries(inbox, chosen ? filter : found.map(({ id }) => id), { ...replaying, json }, context);
}

async function stats({ inbox, json, context: { out } }: Task): Promise<number> {
  const [counts, paused] = [await inbox.stats(), await inbox.paused()];
  if (json) {
    out.json({ ...counts, paused });
    return 0;
  }
  const { oldestWaitingMs } = counts;
  for (const state of states) out.line(`${state.padEnd(9)}${counts[state]}`);
  if (oldestWaitingMs !== undefined)
    out.line(`oldest   received ${ageOf(oldestWaitingMs)} ago, of those that are waiting`);
  for (const { key, running, lastMinute, failures, lastError, openSince, opensAt } of counts.limits) {
    const open = openSince ? `, breaker open since ${openSince.toISOString()}` : '';
    const next = opensAt ? `, next attempt at ${opensAt.toISOString()}` : '';
    const now = `${running} running, ${lastMinute} in the last minute, ${failures} failed in a row`;
    const error = lastError === undefined ? '' : `: ${printable(lastError, 100)}`;
    out.line(`limit    ${printable(key)}: ${now}${open}${next}${error}`);
  }
  for (const { reason, by, since, ...scope } of paused) {
    const who = by === undefined ? '' : ` by ${printable(by)}`;
    out.line(`paused   ${scopeText(scope)} since ${since.toISOString()}${who}: ${printable(reason)}`);
  }
  return 0;
}

async function pause(task: Task): Promise<number> {
  const { inbox, pausing, json, context } = task;
  const { reason, by } = pausing;
  if (reason === undefined) throw new CommandError("inbox pause needs --reason TEXT: 'stats' shows it.");
  const scope = scopeOf(task, 'pause');
  await refusing(() => inbox.pause({ ...scope, reason, by }));
  if (json) context.out.json(await inbox.paused());
  else context.out.line(`Paused ${scopeText(scope)}. Deliveries are stored and acknowledged until inbox resume.`);
  return 0;
}

async function resume(task: Task): Promise<number> {
  const { inbox, json, context } = task;
  const scope = scopeOf(task, 'resume');
  const resumed = await refusing(() => inbox.resume(scope));
  const left = await inbox.paused();
  if (json) context.out.json({ resumed, paused: left });
  else {
    context.out.line(resumed ? `Resumed ${scopeText(scope)}.` : `There is no pause of ${scopeText(scope)}.`);
    if (left.length > 0) context.err.line(`Still paused: ${left.map(scopeText).join('; ')}.`);
  }
  return resumed ? 0 : 1;
}

/** What an action applies to. @throws CommandError for other filters, which would be ignored */
function scopeOf({ ids, filter, pausing }: Task, action: string): PauseScope {
  const { event, ...others } = filter;
  if (ids.length > 0 || Object.keys(others).length > 0)
    throw new CommandError(`inbox ${action} takes --event and --webhook, no ids and no other filter.`);
  return { event, webhookId: pausing.webhook };
}

const scopeText = ({ event, webhookId }: PauseScope): string =>
  [
    event === undefined ? 'all events' : `the event ${printable(event)}`,
    webhookId === undefined ? '' : ` of the webhook ${printable(webhookId)}`,
  ].join('');

/** The message of a TypeError names the option: a mistake in how the command is used. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof TypeError ? new CommandError(error.message) : error;
  }
}

/** The two largest units of an age. */
function ageOf(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const units = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = units.findIndex(([amount], place) => amount > 0 || place === units.length - 1);
  const shown = units.slice(first, first + 2);
  return shown.map(([amount, unit]) => `${amount} ${unit}`).join(' ');
}

const MIN_PREFIX = 4;

/** @throws CommandError unless the id, or its beginning, identifies one delivery */
async function find(inbox: Inbox, typed: string): Promise<FullInboxDelivery> {
  const exact = await inbox.get(typed);
  if (exact) return exact;
  const { deliveries } = typed.length < MIN_PREFIX ? { deliveries: [] } : await inbox.list({ limit: 1_000 });
  const [found, another] = deliveries.filter(({ id }) => id.startsWith(typed));
  const delivery = found && !another ? await inbox.get(found.id) : undefined;
  if (delivery) return delivery;
  throw new CommandError(
    another
      ? `Several delivery ids start with '${printable(typed, 60)}': pass more of it.`
      : `No delivery has the id '${printable(typed, 60)}'.`,
  );
}

function stateOf(typed: string): DeliveryState {
  const state = states.find((known) => known === typed.toLowerCase());
  if (state) return state;
  const hint = didYouMean(typed, states) || ` The states are ${states.join(', ')}.`;
  throw new CommandError(`Unknown state '${printable(typed, 40)}'.${hint}`);
}

function timeOption(name: string): (typed: string) => Date {
  return (typed) => {
    const time = new Date(typed);
    if (Number.isFinite(time.getTime())) return time;
    throw new CommandError(
      `--${name} must be a time such as 2026-01-31 or 2026-01-31T08:00:00Z, got '${printable(typed, 40)}'.`,
    );
  };
}
