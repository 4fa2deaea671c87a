/** The Worker of the tests: its handlers call the binding `CRM`, which runs in the test. */
import { createReceiver } from '@blue-webhooks/core';
import {
  type DurableObjectInbox,
  type DurableObjectState,
  durableObjectInbox,
  RetryLater,
} from '../../src/durable-object';

interface Crm {
  fetch(url: string, init: { method: string; body: string }): Promise<Response>;
}

interface Env {
  readonly SECRET: string;
  /** Options of the inbox, as JSON. */
  readonly OPTIONS: string;
  readonly CRM: Crm;
  readonly INBOX: { getByName(name: string): { fetch(request: Request): Promise<Response> } };
}

interface State extends DurableObjectState {
  readonly storage: DurableObjectState['storage'] & { getAlarm(): Promise<number | null> };
  abort(reason: string): void;
}

export class TestInbox {
  readonly #state: State;
  readonly #inbox: DurableObjectInbox;
  readonly #events: unknown[] = [];

  constructor(state: State, { SECRET, OPTIONS, CRM }: Env) {
    this.#state = state;
    const receiver = createReceiver({ secret: SECRET }).on('TODO_MOVED', async ({ currentValue }, { attempt }) => {
      const body = `${attempt} ${currentValue.id} ${currentValue.title}`;
      const { status } = await CRM.fetch('http://crm', { method: 'POST', body });
      if (status === 429) throw new RetryLater({ afterMs: 200 });
      if (status !== 204) throw new Error(`The CRM answered ${status}.`);
    });
    const onEvent = ({ type }: { type: string }) => this.#events.push(type);
    const { limit, ...options } = JSON.parse(OPTIONS);
    const limits = limit && [{ key: () => 'crm', ...limit }];
    this.#inbox = durableObjectInbox({ receiver, state, onEvent, limits, ...options });
    this.#inbox.transaction('TODO_CREATED', { name: 'records' }, ({ currentValue }, tx) => {
      tx.run('CREATE TABLE IF NOT EXISTS records (id TEXT)');
      tx.run('INSERT INTO records VALUES (?)', currentValue.id);
      if (currentValue.title === 'broken') throw new Error('after the write');
    });
  }

  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/webhooks/blue') return this.#inbox.fetch(request);
    if (pathname === '/evict') {
      const response = await this.#inbox.fetch(request);
      this.#state.abort(`Evicted after ${response.status}.`);
    }
    return Response.json((await this.#answer(pathname.slice(1), (await request.json()) as never)) ?? null);
  }

  #answer(name: string, argument: never): unknown {
    if (name === 'alarmIn') return this.#alarmIn();
    if (name === 'replayPaced') return this.#inbox.replay({ state: 'done' }, { perSecond: 1 });
    if (name === 'events') return this.#events;
    if (name === 'sql') return this.#state.storage.sql.exec(argument).toArray();
    if (name === 'abort') return this.#state.abort('Evicted.');
    return this.#inbox[name as 'list'](argument);
  }

  async #alarmIn(): Promise<number | null> {
    const at = await this.#state.storage.getAlarm();
    return at === null ? null : at - Date.now();
  }

  alarm(): Promise<void> {
    return this.#inbox.alarm();
  }
}

/** Has no `alarm`, so that none can be set. */
export class WithoutAlarm {
  readonly #inbox: DurableObjectInbox;

  constructor(state: DurableObjectState, { SECRET }: Env) {
    this.#inbox = durableObjectInbox({ receiver: createReceiver({ secret: SECRET }), state });
  }

  fetch(request: Request): Promise<Response> {
    return this.#inbox.fetch(request);
  }
}

/** Answers why the inbox refuses the options. */
export class Refused {
  readonly #state: DurableObjectState;

  constructor(state: DurableObjectState) {
    this.#state = state;
  }

  async fetch(request: Request): Promise<Response> {
    try {
      durableObjectInbox({
        receiver: createReceiver({ secret: 'a' }),
        state: this.#state,
        ...((await request.json()) as object),
      });
      return new Response('It was not refused.');
    } catch (error) {
      return new Response(String(error));
    }
  }
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> => env.INBOX.getByName('blue').fetch(request),
};
