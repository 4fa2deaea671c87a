import { createReceiver, type Delivery, type RawDelivery, type Receiver, sign } from '@blue-webhooks/core';

export const secret = 'blue-test-secret-1';

export interface Sent extends RawDelivery {
  readonly id: string;
  readonly text: string;
  readonly signature: string;
}

let count = 0;

/** A signed delivery that nobody has seen before. */
export async function newDelivery(payload: object = {}): Promise<Sent> {
  count += 1;
  const text = JSON.stringify({
    event: 'TODO_MOVED',
    webhook: { id: 'webhook' },
    previousValue: null,
    currentValue: { id: `record ${count}`, title: 'T' },
    nonce: `${process.pid} ${count}`,
    ...payload,
  });
  const signature = await sign(text, secret);
  return {
    id: signature.slice(0, 32),
    text,
    signature,
    method: 'POST',
    body: new TextEncoder().encode(text),
    header: (name) => (name === 'x-signature' ? signature : undefined),
  };
}

export const healthCheck = () => newDelivery({ event: 'WEBHOOK_HEALTH_CHECK', currentValue: undefined });

/** A receiver with one handler for everything. */
export function anyReceiver(handler: (delivery: Delivery) => unknown = () => {}): Receiver {
  const handle = (_event: unknown, delivery: Delivery) => handler(delivery);
  return createReceiver({ secret }).on('TODO_MOVED', handle).onUnknown(handle);
}

/** Asks again and again, for thirty seconds at most, until the answer is neither `undefined` nor `false`. */
export async function eventually<T>(ask: () => T | Promise<T>): Promise<Exclude<T, undefined | false>> {
  const giveUpAt = performance.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (performance.now() > giveUpAt) throw new Error('It did not happen within thirty seconds.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
