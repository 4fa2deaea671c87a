import { setTimeout as sleep } from 'node:timers/promises';
import { sign } from '@blue-webhooks/core';
import { secret } from './processes';

/** An acknowledged delivery. */
export interface Acknowledged {
  readonly id: string;
  readonly entityId: string;
  /** Its place among the deliveries of its entity. */
  readonly step: number;
}

/**
 * Senders that deliver without a pause, each to an entity of its own. Each delivery is sent again with the same bytes until it
 * is acknowledged, more often than Blue would.
 */
export class Senders {
  readonly acknowledged: Acknowledged[] = [];
  /** The endpoint; `undefined` while no server listens. */
  url: string | undefined;
  readonly #running: Promise<void>[];
  #ended = false;

  constructor(count: number) {
    this.#running = Array.from({ length: count }, (_, i) => this.#send(`entity ${i}`));
  }

  /** Begins no more deliveries, and waits until all are acknowledged. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#running);
  }

  async #send(entityId: string): Promise<void> {
    for (let step = 1; !this.#ended; step++) {
      const body = JSON.stringify({ event: 'TODO_MOVED', currentValue: { id: entityId, title: 'T', position: step } });
      const signature = await sign(body, secret);
      while (!(await this.#isAccepted(body, signature))) await sleep(20);
      this.acknowledged.push({ id: signature.slice(0, 32), entityId, step });
    }
  }

  async #isAccepted(body: string, signature: string): Promise<boolean> {
    if (this.url === undefined) return false;
    try {
      const { status } = await fetch(this.url, { method: 'POST', body, headers: { 'x-signature': signature } });
      return status === 204;
    } catch {
      return false; // nobody listens, or the receiver died before it answered
    }
  }
}
