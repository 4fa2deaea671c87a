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

/** How senders differ from those that send each delivery until it is acknowledged, and no more. */
export interface SenderOptions {
  /** The share of deliveries that are sent twice, at the same time, and once more when they have been acknowledged. */
  readonly duplicates?: number;
  /** How long a sender waits for an answer, in milliseconds, before it sends the delivery to the next URL. */
  readonly timeoutMs?: number;
}

/**
 * Senders that deliver without a pause, each to an entity of its own. Each delivery is sent again with the same bytes until it
 * is acknowledged, more often than Blue would.
 */
export class Senders {
  readonly acknowledged: Acknowledged[] = [];
  /** How many deliveries were sent more often than it takes. */
  duplicates = 0;
  /** The endpoint, or several for which each sender has its turn; `undefined` while no server listens. */
  url: string | readonly string[] | undefined;
  readonly #options: SenderOptions;
  readonly #running: Promise<void>[];
  #ended = false;

  constructor(count: number, options: SenderOptions = {}) {
    this.#options = options;
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
      const send = (turn: number) => this.#isAccepted(body, signature, turn);
      const twice = Math.random() < (this.#options.duplicates ?? 0);
      for (let turn = Math.round(Math.random()); ; turn++) {
        const accepted = await Promise.all(twice ? [send(turn), send(turn + 1)] : [send(turn)]);
        if (accepted.includes(true)) break;
        await sleep(20);
      }
      this.acknowledged.push({ id: signature.slice(0, 32), entityId, step });
      if (!twice) continue;
      this.duplicates += 1;
      await send(step);
    }
  }

  async #isAccepted(body: string, signature: string, turn: number): Promise<boolean> {
    const urls = typeof this.url === 'string' ? [this.url] : (this.url ?? []);
    const url = urls[turn % urls.length];
    if (url === undefined) return false;
    const { timeoutMs } = this.#options;
    const signal = timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs);
    try {
      const { status } = await fetch(url, { method: 'POST', body, signal, headers: { 'x-signature': signature } });
      return status === 204;
    } catch {
      return false; // nobody listens, or the receiver died before it answered
    }
  }
}
