import { setTimeout as sleep } from 'node:timers/promises';
import { type BlueClient, observeWebhook, type WatchState } from '@blue-webhooks/api';

/** A webhook as the inspector shows it. */
export interface ShownWebhook {
  readonly webhookId: string;
  readonly name: string | undefined;
  /** `reading` until Blue's API has answered for the first time. */
  readonly state: WatchState | 'reading';
  readonly message: string;
  /** When the state was read, in milliseconds since 1970. */
  readonly atMs: number;
}

/** Which webhook's state is read. */
export interface WebhookToShow {
  readonly client: BlueClient;
  readonly webhookId: string;
  /** The time between two reads, in milliseconds. Defaults to one minute. */
  readonly everyMs?: number | undefined;
}

const EVERY_MS = 60_000;
const SILENT_AFTER_MS = 3_600_000;

/** Reads the state of a webhook once a minute. Changes nothing in Blue. */
export class WebhookState {
  readonly #listeners = new Set<(changed: boolean) => void>();
  readonly #controller = new AbortController();
  readonly #running: Promise<void>;
  #current: ShownWebhook;

  constructor({ client, webhookId, everyMs = EVERY_MS }: WebhookToShow, lastDeliveryAt: () => Date | undefined) {
    const message = "Blue's API has not answered yet.";
    this.#current = { webhookId, name: undefined, state: 'reading', message, atMs: Date.now() };
    const { signal } = this.#controller;
    const expected = { webhookId, lastDeliveryAt, silentAfterMs: SILENT_AFTER_MS, watchedSinceMs: Date.now() };
    this.#running = (async () => {
      while (!signal.aborted) {
        const { state, message, webhook } = await observeWebhook(client, expected, signal);
        if (signal.aborted) return;
        this.#set({ webhookId, name: webhook?.name ?? this.current.name, state, message, atMs: Date.now() });
        await sleep(everyMs, undefined, { signal }).catch(() => {});
      }
    })();
  }

  get current(): ShownWebhook {
    return this.#current;
  }

  /** Calls the listener after each read, with whether the state has changed. Returns a function that removes it. */
  onRead(listener: (changed: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when nothing is read any more. */
  async stop(): Promise<void> {
    this.#controller.abort();
    await this.#running;
  }

  #set(next: ShownWebhook): void {
    const changed = next.state !== this.#current.state;
    this.#current = next;
    for (const listener of this.#listeners) listener(changed);
  }
}
