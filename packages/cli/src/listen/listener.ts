import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createReceiver, type Delivery, sign } from '@blue-webhooks/core';
import { DriverError } from '@blue-webhooks/core/adapter';
import { blueWebhook } from '@blue-webhooks/hono';
import { createInbox, type Inbox, StoreError, sqliteStore } from '@blue-webhooks/inbox';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { createInspector } from '../inspector/inspector';
import { printable } from '../printable';
import type { NamedSecret } from '../secrets';
import { Announcer } from './announcer';
import { recordBackfill } from './backfill';
import { claimsOf } from './claims';
import { openDatabase, requireOwnDatabase } from './database';
import { forwardTo, isAccepted } from './forward';
import { Journal } from './journal';
import { type Recorder, recording } from './recording';
import { type Address, type Served, serve } from './serve';
import { SizeLimit } from './size-limit';
import { WebhookState, type WebhookToShow } from './webhook-state';

export interface ListenOptions {
  readonly secrets: readonly NamedSecret[];
  readonly receive: Address;
  readonly inspect: Address;
  /** The app that genuine deliveries are forwarded to. */
  readonly forward: URL | undefined;
  /** The database. Defaults to a temporary file, which is deleted at the end. */
  readonly path: string | undefined;
  /** The size limit of the database, in bytes. Defaults to 1 GiB. */
  readonly maxBytes?: number | undefined;
  /** The webhook whose state the inspector shows. Defaults to none. */
  readonly webhook?: WebhookToShow | undefined;
  readonly json: boolean;
}

/** A running receiver with its inspector. */
export interface Listener {
  readonly url: string;
  readonly inspectorUrl: string;
  readonly journal: Journal;
  readonly inbox: Inbox;
  stop(): Promise<void>;
}

const PATH = '/webhooks/blue';
/** The app is called as Blue would call it: five attempts, in any order, seven seconds for each. */
const MAX_ATTEMPTS = 5;
const retry = { maxAttempts: MAX_ATTEMPTS, firstDelayMs: 1_000, maxDelayMs: 8_000, jitter: 0 };
const STOP_WITHIN_MS = 1_000;
const DEFAULT_MAX_BYTES = 2 ** 30;

/**
 * Receives, records, prints and forwards deliveries.
 * @throws CommandError if a port is in use, or the database cannot be used
 */
export async function startListening(options: ListenOptions, context: Context): Promise<Listener> {
  const { secrets, forward, json } = options;
  const temporary = options.path === undefined ? await mkdtemp(join(tmpdir(), 'blue-webhooks-')) : undefined;
  const path = options.path ?? join(temporary as string, 'inbox.db');
  const announcer = new Announcer(context, json);
  const undo: (() => unknown)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  if (temporary !== undefined) undo.push(() => rmSync(temporary, { recursive: true, force: true }));
  try {
    const { database, journal } = await usable(path, async () => {
      if (options.path !== undefined) await requireOwnDatabase(path);
      const database = openDatabase(path);
      undo.push(() => database.close());
      return { database, journal: new Journal(database) };
    });
    const store = sqliteStore(path);
    const sizeLimit = new SizeLimit(database, journal, store, options.maxBytes ?? DEFAULT_MAX_BYTES);

    const receiver = createReceiver({ secret: secrets });
    receiver.onAny(async (_event, delivery) => {
      if (delivery.signature !== 'backfill') return;
      const headers = await headersOf(Buffer.from(delivery.rawBody), undefined);
      await recordBackfill(delivery, headers, { journal, sizeLimit, announcer });
    });
    if (forward) receiver.onAny((_event, delivery) => forwardDelivery(delivery, forward));
    const inbox = createInbox({ receiver, store: sizeLimit.limited(), order: 'none', retry });
    await usable(path, () => inbox.start());
    undo.push(() => inbox.stop({ timeoutMs: STOP_WITHIN_MS }));

    const recorder: Recorder = {
      journal,
      sizeLimit,
      recorded: (delivery, outcome) => announcer.arrived(delivery, outcome),
      failed: (error, outcome) => announcer.notRecorded(error, outcome),
    };
    const app = new Hono<{ Bindings: HttpBindings }>().all('*', (c, next) => {
      const facts = { path: c.req.path, rawHeaders: c.env.incoming.rawHeaders };
      const handler = recording(inbox, recorder, facts);
      return blueWebhook(handler)(c, next);
    });
    const received: Served = await serve(app.fetch, options.receive);
    undo.push(() => received.close());
    const url = `${received.origin}${PATH}`;

    const webhook = options.webhook && showState(options.webhook);
    const inspector = createInspector({
      journal,
      inbox,
      forward,
      receiverUrl: url,
      host: options.inspect.host,
      webhook,
    });
    const inspected = await serve(inspector.fetch, options.inspect);
    undo.push(() => inspected.close());
    undo.push(() => inspector.close());
    return { url, inspectorUrl: inspected.origin, journal, inbox, stop };

    function showState(shown: WebhookToShow): WebhookState {
      const state = new WebhookState(shown, () => journal.lastGenuineAt(shown.webhookId));
      undo.push(() => state.stop());
      state.onRead((changed) => changed && announcer.webhook(state.current));
      return state;
    }

    /** Forwards a delivery. Throws if the app does not accept it, so that the inbox retries. */
    async function forwardDelivery(
      { id, rawBody, secretId, attempt = 1, signal }: Delivery,
      target: URL,
    ): Promise<void> {
      await setImmediate(); // a health check is dispatched before its response is sent and recorded
      const body = Buffer.from(rawBody);
      const recorded = journal.byId(id);
      const headers = recorded?.headers ?? (await headersOf(body, secretId));
      const delivery = recorded ?? { key: id, ...claimsOf(body) };
      const forwarding = await forwardTo(
        journal,
        { seq: recorded?.seq, headers, body },
        { target, replay: false, signal },
      );
      announcer.forwarded(delivery, forwarding, { attempt, maxAttempts: MAX_ATTEMPTS });
      if (!isAccepted(forwarding))
        throw new Error(`The app responded with ${forwarding.status ?? `nothing: ${forwarding.error}`}.`);
    }

    /** Returns the essential headers of a delivery that did not arrive, or that the journal has deleted or could not record. */
    async function headersOf(body: Uint8Array, secretId: string | undefined): Promise<readonly string[]> {
      const { secret = '' } = secrets.find((one) => one.id === secretId) ?? secrets[0] ?? {};
      return ['Content-Type', 'application/json', 'X-Signature', await sign(body, secret)];
    }
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @throws CommandError if the file cannot be used */
async function usable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { message } = StoreError.is(error) ? error : DriverError.from(error);
    throw new CommandError(`${printable(path)} cannot be used: ${printable(message).replace(/\.?$/, '.')}`);
  }
}
