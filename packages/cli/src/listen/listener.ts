import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createReceiver, type Delivery, eventNames } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/hono';
import { createInbox, type Inbox, sqliteStore } from '@blue-webhooks/inbox';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { createInspector } from '../inspector/inspector';
import { printable } from '../printable';
import type { NamedSecret } from '../secrets';
import { Announcer } from './announcer';
import { openDatabase } from './database';
import { Journal } from './journal';
import { isAccepted, passOn } from './pass-on';
import { recording } from './recording';
import { type Address, type Served, serve } from './serve';

export interface ListenOptions {
  readonly secrets: readonly NamedSecret[];
  readonly receive: Address;
  readonly inspect: Address;
  /** The app that gets what is genuine. */
  readonly forward: URL | undefined;
  /** Where it is kept; a temporary file, gone at the end, unless told. */
  readonly path: string | undefined;
  readonly json: boolean;
}

/** A receiver at work, with its inspector. */
export interface Listener {
  readonly url: string;
  readonly inspectorUrl: string;
  readonly journal: Journal;
  readonly inbox: Inbox;
  stop(): Promise<void>;
}

const PATH = '/webhooks/blue';
/** The app sees what Blue would send it: five attempts, in any order, seven seconds for each. */
const MAX_ATTEMPTS = 5;
const retry = { maxAttempts: MAX_ATTEMPTS, firstDelayMs: 1_000, maxDelayMs: 8_000, jitter: 0 };
const STOP_WITHIN_MS = 1_000;

/**
 * Receives deliveries, keeps them, shows them, and passes on what is genuine.
 * @throws CommandError if a port is taken, or the file cannot be used
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
    const database = openFile(path);
    undo.push(() => database.close());
    const journal = new Journal(database);

    const receiver = createReceiver({ secret: secrets });
    if (forward) {
      const handle = (_event: unknown, delivery: Delivery) => pass(delivery, forward);
      receiver.on([...Object.values(eventNames).flat(), 'RECORD_CREATED', 'WEBHOOK_HEALTH_CHECK'], handle);
      receiver.onUnknown(handle);
    }
    const inbox = createInbox({ receiver, store: sqliteStore(path), order: 'none', retry });
    await startInbox(inbox, path);
    undo.push(() => inbox.stop({ timeoutMs: STOP_WITHIN_MS }));

    const app = new Hono<{ Bindings: HttpBindings }>().all('*', (c, next) => {
      const facts = { path: c.req.path, rawHeaders: c.env.incoming.rawHeaders };
      const handler = recording(inbox, journal, facts, (delivery, outcome) => announcer.arrived(delivery, outcome));
      return blueWebhook(handler)(c, next);
    });
    const received: Served = await serve(app.fetch, options.receive);
    undo.push(() => received.close());
    const url = `${received.origin}${PATH}`;

    const inspector = createInspector({ journal, inbox, forward, receiverUrl: url, host: options.inspect.host });
    const inspected = await serve(inspector.fetch, options.inspect);
    undo.push(() => inspected.close());
    undo.push(() => inspector.close());
    return { url, inspectorUrl: inspected.origin, journal, inbox, stop };

    /** Throws what the app did not accept, so that the inbox tries again. */
    async function pass({ id, rawBody, attempt = 1, signal }: Delivery, target: URL): Promise<void> {
      await setImmediate(); // a health check is passed on while it is being answered, before it is written down
      const delivery = journal.byId(id);
      if (!delivery) throw new Error(`The journal does not have the delivery ${id}.`);
      const exact = { ...delivery, body: Buffer.from(rawBody) };
      const passing = await passOn(journal, exact, { target, replay: false, signal });
      announcer.passedOn(delivery, passing, { attempt, maxAttempts: MAX_ATTEMPTS });
      if (!isAccepted(passing)) throw new Error(`The app answered ${passing.status ?? `nothing: ${passing.error}`}.`);
    }
  } catch (error) {
    await stop();
    throw error;
  }
}

function openFile(path: string) {
  try {
    return openDatabase(path);
  } catch (error) {
    throw new CommandError(`${printable(path)} cannot be used: ${printable((error as Error).message)}.`);
  }
}

async function startInbox(inbox: Inbox, path: string): Promise<void> {
  try {
    await inbox.start();
  } catch (error) {
    throw new CommandError(`${printable(path)} cannot be used: ${printable((error as Error).message)}`);
  }
}
