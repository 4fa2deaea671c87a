import {
  type BlueClient,
  ensureWebhook,
  listWebhooks,
  observeWebhook,
  rotateWebhook,
  type WebhookRow,
} from '@blue-webhooks/api';
import { createReceiver } from '@blue-webhooks/core';
import { createInbox, sqliteStore } from '@blue-webhooks/inbox';
import { type ApiOptions, calling, connect, withApiOptions } from '../api/connect';
import { requireNewFile, savingTo } from '../api/save-secret';
import { factsOf, tableOf } from '../api/table';
import { type AddCommand, examples } from '../command';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { didYouMean } from '../nearest';
import { listOption, numberOption, urlOption } from '../options';
import { readSecrets, secretFileOption } from '../secrets';
import { requireInbox } from './inbox';

interface Options extends ApiOptions {
  readonly url?: URL;
  readonly name?: string;
  readonly events?: readonly string[];
  readonly projects?: readonly string[];
  readonly saveSecret?: string;
  readonly replace?: boolean;
  readonly db?: string;
  readonly timeout?: number;
  readonly secretFile?: readonly string[];
}

/** What an action of the command works with. */
interface Task {
  readonly client: BlueClient;
  readonly id: string | undefined;
  readonly options: Options;
  readonly context: Context;
}

const actions: Readonly<Record<string, (task: Task) => Promise<number>>> = { list, status, ensure, rotate, enable };

/** Lists, registers, rotates and enables webhooks. */
export const addWebhook: AddCommand = (program, context, end) => {
  const command = program
    .command('webhook')
    .summary('List, register, rotate and enable webhooks.')
    .description(
      "Manage the webhooks of the token's user. 'ensure' creates at most one webhook of a URL and name, and updates its lists. 'rotate' creates a second webhook, waits until your inbox has a delivery of it, and deletes the first. 'enable' tests the URL before it sends anything to Blue, and reads the result back; it sends nothing for a webhook that is enabled. A new secret is written to the file of --save-secret, and never printed.",
    )
    .usage(
      `list
       blue-webhooks webhook status ID
       blue-webhooks webhook ensure --url URL --name NAME --save-secret FILE
       blue-webhooks webhook rotate ID --save-secret FILE --db FILE
       blue-webhooks webhook enable ID`,
    )
    .argument('[ACTION]', 'list, status, ensure, rotate or enable')
    .argument('[ID]', 'the id of a webhook')
    .option('--url <URL>', 'ensure: where Blue delivers, public and https', urlOption('url'))
    .option('--name <NAME>', 'ensure: the name, which with the URL identifies the webhook')
    .option('--events <EVENTS>', 'ensure: only these, separated by commas (default all)', listOption('events'))
    .option(
      '--projects <IDS>',
      'ensure: only these workspaces, separated by commas (default all)',
      listOption('projects'),
    )
    .option('--replace', 'ensure: replace a webhook whose secret is lost')
    .option('--save-secret <FILE>', 'ensure, rotate: a new file for the secret of a new webhook')
    .option('--db <FILE>', 'rotate: the database of the inbox that receives the deliveries')
    .option(
      '--timeout <N>',
      'rotate: wait N seconds for a delivery of the new webhook (default 900)',
      numberOption('timeout', { min: 1, max: 86_400 }),
    )
    .addOption(secretFileOption());
  withApiOptions(command)
    .addHelpText(
      'after',
      examples(
        'webhook list',
        'webhook ensure --url https://example.com/webhooks/blue --name mirror --save-secret blue.secret',
        'webhook enable clw8h2x0k0001 --secret-file blue.secret',
      ),
    )
    .action(async (name: string | undefined, id: string | undefined, options: Options) =>
      end(await perform(name ?? '', id, options, context)),
    );
};

async function perform(name: string, id: string | undefined, options: Options, context: Context): Promise<number> {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) {
    const hint = didYouMean(name, Object.keys(actions)) || ' See blue-webhooks webhook --help.';
    throw new CommandError(`webhook needs one of ${Object.keys(actions).join(', ')}.${hint}`);
  }
  const client = await connect(options, context);
  return calling(() => action({ client, id, options, context }));
}

async function list({ client, id, options, context: { out, err, signal } }: Task): Promise<number> {
  if (id !== undefined) throw new CommandError("webhook list takes no ID: use 'webhook status ID'.");
  const { webhooks } = await listWebhooks(client, { signal });
  if (options.json) {
    out.json(webhooks);
    return 0;
  }
  const rows = webhooks.map((webhook) => [
    webhook.id,
    stateOf(webhook),
    webhook.name ?? '',
    webhook.url,
    scopeOf(webhook),
  ]);
  const [heading = '', ...lines] = tableOf([['ID', 'STATE', 'NAME', 'URL', 'EVENTS'], ...rows]);
  out.line(out.paint('dim', heading));
  for (const [place, line] of lines.entries()) out.line(webhooks[place]?.enabled ? line : out.paint('red', line));
  if (lines.length === 0) err.line("The token's user has no webhooks.");
  return 0;
}

async function status(task: Task): Promise<number> {
  const { client, context, options } = task;
  const { url, events, projects } = options;
  const webhookId = requireId(task, 'status');
  const expected = { url, events, projectIds: projects, silentAfterMs: 0, watchedSinceMs: 0 };
  const { state, message, webhook } = await observeWebhook(client, { webhookId, ...expected }, context.signal);
  if (options.json) context.out.json({ state, message, webhook });
  else {
    const facts = {
      state,
      '': message,
      id: webhookId,
      name: webhook?.name ?? undefined,
      url: webhook?.url,
      'Blue says': webhook && stateOf(webhook),
      events: webhook && scopeOf(webhook),
      workspaces: webhook && (webhook.projectIds?.join(', ') || 'all'),
      changed: webhook?.updatedAt,
    };
    for (const line of factsOf(facts)) context.out.line(line);
  }
  return state === 'healthy' ? 0 : 1;
}

async function ensure({ client, id, options, context: { out } }: Task): Promise<number> {
  const { url, name, events, projects, saveSecret, replace = false } = options;
  if (id !== undefined) throw new CommandError('webhook ensure takes no ID: --url and --name identify the webhook.');
  if (url === undefined || name === undefined || saveSecret === undefined) {
    throw new CommandError('webhook ensure needs --url URL, --name NAME and --save-secret FILE.');
  }
  if (replace) await requireNewFile(saveSecret);
  const ensured = await ensureWebhook(client, {
    url,
    name,
    events: events ?? 'all',
    projectIds: projects ?? 'all',
    onSecret: savingTo(saveSecret),
    ...(replace ? { hasSecret: () => false } : {}),
  });
  const { webhook, action, deleted } = ensured;
  if (options.json) out.json(ensured);
  else {
    out.line(`${webhook.id} ${action}, ${stateOf(webhook)}.`);
    if (action === 'created' || action === 'replaced') out.line(`Its secret is in ${saveSecret}.`);
    for (const each of deleted) out.line(`${each} deleted.`);
  }
  return webhook.enabled === false ? 1 : 0;
}

async function rotate(task: Task): Promise<number> {
  const { client, options, context } = task;
  const { saveSecret, db, timeout } = options;
  const id = requireId(task, 'rotate');
  if (saveSecret === undefined || db === undefined) {
    throw new CommandError(
      'webhook rotate needs --save-secret FILE, and --db FILE: your inbox shows when the new secret is in use.',
    );
  }
  await requireNewFile(saveSecret);
  await requireInbox(db);
  const store = sqliteStore(db, { readOnly: true });
  const inbox = createInbox({ receiver: createReceiver({ allowUnsigned: true }), store });
  const save = savingTo(saveSecret);
  try {
    const rotated = await rotateWebhook(client, id, {
      onSecret: async (secret) => {
        await save(secret);
        context.err.line(
          `The new secret is in ${saveSecret}. Add it to the secrets of your receiver now, and keep the old one.`,
        );
      },
      seen: async (webhookId) => {
        context.signal.throwIfAborted();
        const { deliveries } = await inbox.list({ limit: 1_000 });
        const found = deliveries.find((delivery) => delivery.webhookId === webhookId);
        return found !== undefined && (await inbox.get(found.id))?.signature === 'verified';
      },
      ...(timeout === undefined ? {} : { timeoutMs: timeout * 1_000 }),
    });
    if (options.json) context.out.json(rotated);
    else
      context.out.line(`${rotated.webhook.id} replaces ${rotated.deleted}, which is deleted. Remove the old secret.`);
    return 0;
  } finally {
    await inbox.stop();
  }
}

async function enable(task: Task): Promise<number> {
  const { client, options, context } = task;
  const { out, err, signal } = context;
  const id = requireId(task, 'enable');
  const read = async () => (await client.run('Webhook', { id }, { signal })).webhook;
  const result = (webhook: WebhookRow, sent: boolean, text: string) => {
    if (options.json) out.json({ id, enabled: webhook.enabled, status: webhook.status, sent });
    else out.line(text);
    return webhook.enabled ? 0 : 1;
  };
  const before = await read();
  // Blue's health check could disable a healthy webhook.
  if (before.enabled) return result(before, false, `${id} is enabled already. Nothing was sent.`);
  const [{ secret }] = await readSecrets(options.secretFile, context);
  try {
    await createReceiver({ secret }).selfTest(before.url, { webhookId: id });
  } catch (error) {
    throw new CommandError(
      `${(error as Error).message} Nothing was sent to Blue: its health check would fail as well. See blue-webhooks doctor --url URL.`,
      1,
    );
  }
  await client.run('UpdateWebhook', { input: { webhookId: id, enabled: true } }, { signal });
  const after = await read();
  if (!after.enabled) return result(after, true, `${id} is still disabled: Blue's health check failed.`);
  if (!options.json) err.line('Now read what was missed: blue-webhooks catch-up --since TIME --db FILE.');
  return result(after, true, `${id} is enabled.`);
}

function requireId({ id }: Task, action: string): string {
  if (id !== undefined) return id;
  throw new CommandError(`webhook ${action} needs an ID: 'blue-webhooks webhook list' prints them.`);
}

const stateOf = ({ enabled, status: health }: WebhookRow): string =>
  enabled === null ? `unknown (${health})` : `${enabled ? 'enabled' : 'disabled'} (${health})`;

function scopeOf({ events }: WebhookRow): string {
  if (!events || events.length === 0) return 'all';
  return events.length > 2 ? `${events.length} events` : events.join(', ');
}
