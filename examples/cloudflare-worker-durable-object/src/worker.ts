import { createReceiver, type Receiver } from '@blue-webhooks/core';
import {
  type DurableObjectInbox,
  type DurableObjectState,
  durableObjectInbox,
} from '@blue-webhooks/inbox/durable-object';

interface Env {
  BLUE_WEBHOOK_SECRET: string;
  BLUE_INBOX: { getByName(name: string): { fetch(request: Request): Promise<Response> } };
  CRM: { fetch(url: string, init: { method: string; body: string; signal: AbortSignal }): Promise<Response> };
}

function receiverOf({ BLUE_WEBHOOK_SECRET, CRM }: Env): Receiver {
  return createReceiver({ secret: BLUE_WEBHOOK_SECRET }).on(
    ['TODO_CREATED', 'TODO_MOVED'],
    async ({ currentValue }, { signal }) => {
      const body = JSON.stringify({ id: currentValue.id, title: currentValue.title });
      const response = await CRM.fetch('https://crm/records', { method: 'POST', body, signal });
      if (!response.ok) throw new Error(`The CRM answered ${response.status}.`); // retried for 15 hours
    },
  );
}

/** The inbox: stores deliveries in the SQLite of the object, and handles them in its alarm. */
export class BlueInbox {
  readonly #inbox: DurableObjectInbox;

  constructor(state: DurableObjectState, env: Env) {
    this.#inbox = durableObjectInbox({
      receiver: receiverOf(env),
      state,
      onDeadLetter: (delivery, error) => console.error('Dead letter:', delivery.event, delivery.id, error),
    });
  }

  fetch(request: Request): Promise<Response> {
    return this.#inbox.fetch(request);
  }

  alarm(): Promise<void> {
    return this.#inbox.alarm();
  }
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> => env.BLUE_INBOX.getByName('blue').fetch(request),
};
