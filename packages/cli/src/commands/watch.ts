import { catchUp, incomingWebhook, type Sink, type WatchNotice, watchWebhook } from '@blue-webhooks/api';
import { createReceiver } from '@blue-webhooks/core';
import type { Inbox } from '@blue-webhooks/inbox';
import { type ApiOptions, calling, connect, withApiOptions } from '../api/connect';
import { openKnown, storingInbox } from '../api/recovery';
import { type AddCommand, examples } from '../command';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { numberOption } from '../options';
import { printable } from '../printable';
import { readSecrets, secretFileOption } from '../secrets';
import { requireInbox } from './inbox';

interface Options extends ApiOptions {
  readonly every?: number;
  readonly recover?: boolean;
  readonly db?: string;
  readonly known?: string;
  readonly secretFile?: readonly string[];
}

const NOTIFY_VARIABLE = 'BLUE_NOTIFY_URL';

/** Watches a webhook until Ctrl-C. */
export const addWatch: AddCommand = (program, context, end) => {
  const command = program
    .command('watch')
    .summary('Watch a webhook, report each change of its state, and bring it back.')
    .description(
      `Read the state of a webhook once a minute, and print each change. With --recover, a disabled webhook is brought back: self-test of its URL, empty inbox, enable, read back, catch up into the inbox. Nothing is changed while it is healthy, and nothing is enabled while the self-test fails. Notices also go to the chat whose incoming-webhook URL is in ${NOTIFY_VARIABLE}: Slack, Discord or Teams.`,
    )
    .usage('ID [--recover --db FILE] [options]')
    .argument('[ID]', 'the id of the webhook')
    .option(
      '--every <N>',
      'read the state every N seconds (default 60)',
      numberOption('every', { min: 1, max: 86_400 }),
    )
    .option('--recover', 'bring a disabled webhook back; needs --db and the secret of the webhook')
    .option('--db <FILE>', 'the database of your inbox: also shows whether deliveries still arrive')
    .option('--known <FILE>', 'the SQLite file of sqliteKnown, which your process fills with followKnown')
    .addOption(secretFileOption());
  withApiOptions(command)
    .addHelpText(
      'after',
      examples('watch clw8h2x0k0001', 'watch clw8h2x0k0001 --recover --db blue-inbox.db --secret-file blue.secret'),
    )
    .action(async (id: string | undefined, options: Options) => end(await perform(id, options, context)));
};

async function perform(webhookId: string | undefined, options: Options, context: Context): Promise<number> {
  const { every = 60, recover = false, db, known: file, json = false } = options;
  const { out, err, env, signal } = context;
  if (webhookId === undefined) throw new CommandError("watch needs an ID: 'blue-webhooks webhook list' prints them.");
  if (recover && db === undefined)
    throw new CommandError('watch --recover needs --db FILE, the database of your inbox.');
  if (db !== undefined) await requireInbox(db);
  const client = await connect(options, context);
  const print: Sink = (notice) => (json ? out.jsonLine(notice) : out.line(lineOf(notice)));
  const chat = env[NOTIFY_VARIABLE];
  const sinks = await calling(async () => [print, ...(chat ? [incomingWebhook(chat)] : [])]);
  const onError = (error: unknown) => err.line(printable(error instanceof Error ? error.message : String(error), 500));
  const secret = recover ? (await readSecrets(options.secretFile, context))[0].secret : undefined;
  const inbox = db === undefined ? undefined : storingInbox(db);
  const opened = openKnown(file);
  try {
    const watch = watchWebhook(client, {
      webhookId,
      onChange: sinks,
      onError,
      everyMs: every * 1_000,
      recover,
      ...(inbox === undefined ? {} : { lastDeliveryAt: () => lastDeliveryIn(inbox, webhookId) }),
      ...(inbox === undefined || !recover
        ? {}
        : {
            inbox,
            selfTest: async () => {
              const { webhook } = await client.run('Webhook', { id: webhookId });
              await createReceiver({ secret }).selfTest(webhook.url, { webhookId });
            },
            catchUp: ({ since }) =>
              catchUp({ client, since, projects: 'all', to: inbox, known: opened.known, mode: 'full', signal }),
          }),
    });
    const { state, message } = await watch.check();
    if (!json) err.line(`${webhookId} is ${state}. ${message} Ctrl-C ends the watch.`);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await watch.stop();
    return watch.state === 'healthy' ? 0 : 1;
  } finally {
    await inbox?.stop();
    opened.close();
  }
}

const NEWEST = 1_000;

/** When the inbox received a delivery of this webhook for the last time. Events that `catch-up` stored name no webhook. */
async function lastDeliveryIn(inbox: Inbox, webhookId: string): Promise<Date | undefined> {
  const { deliveries } = await inbox.list({ limit: NEWEST });
  return deliveries.find((delivery) => delivery.webhookId === webhookId)?.receivedAt;
}

function lineOf({ at, kind, state, message, caughtUp, page }: WatchNotice): string {
  const { repaired, incomplete } = (caughtUp ?? {}) as {
    readonly repaired?: number;
    readonly incomplete?: readonly unknown[];
  };
  const report =
    repaired === undefined
      ? ''
      : ` Caught up: ${repaired} events stored, ${incomplete?.length ?? 0} workspaces incomplete.`;
  const help = kind === 'recovered' ? '' : ` See ${page}.`;
  return printable(`${at.toISOString()} ${kind} (${state}): ${message}${report}${help}`, 1_000);
}
