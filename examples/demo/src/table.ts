import type { Delivery } from '@blue-webhooks/core';
import { type PlannedDelivery, plan } from './deliveries';
import type { RunningReceiver } from './receivers';

/** Collects what reaches the handlers while a delivery is under way. */
export class Ear {
  readonly #heard = new Map<string, string[]>();

  readonly hear = (receiver: string, { event }: Delivery): void => {
    this.#heard.set(receiver, [...(this.#heard.get(receiver) ?? []), event.event]);
  };

  /** What has reached a receiver's handlers since it was last asked. */
  take(receiver: string): string[] {
    const events = this.#heard.get(receiver) ?? [];
    this.#heard.delete(receiver);
    return events;
  }
}

/** Sends everything to every receiver, prints the table, and tells whether each cell is as expected. */
export async function runTable(receivers: readonly RunningReceiver[], ear: Ear): Promise<boolean> {
  const width = 42;
  const line = (first: string, cells: string[]) =>
    `${first.padEnd(width)}${cells.map((cell) => cell.padEnd(9)).join('')}`;
  console.log(line('SENT', [...receivers.map(({ name }) => name), 'REACHED THE HANDLER AS']));
  let wrong = 0;
  for (const planned of await plan()) {
    const cells = [];
    for (const receiver of receivers) {
      const status = await send(receiver.url, planned);
      const reached = ear.take(receiver.name).join(', ');
      const right = status === planned.status && reached === (planned.reaches ?? '');
      if (!right) wrong += 1;
      cells.push(right ? String(status) : `${status} !`);
    }
    console.log(line(planned.title, [...cells, planned.reaches ?? '-']));
  }
  console.log(wrong === 0 ? '\nEvery cell is as expected.' : `\n${wrong} cells are not as expected (marked !).`);
  return wrong === 0;
}

async function send(url: string, { body, signature }: PlannedDelivery): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    ...(signature === undefined ? {} : { 'x-signature': signature }),
  };
  const response = await fetch(url, { method: 'POST', body, headers });
  await response.arrayBuffer();
  return response.status;
}
