import type { Delivery } from '@blue-webhooks/core';
import { type PlannedDelivery, plan } from './deliveries';
import type { RunningReceiver } from './receivers';

/** Records the deliveries that reach the handlers. */
export class Recorder {
  readonly #events = new Map<string, string[]>();

  readonly record = (receiver: string, delivery: Delivery): void => {
    this.#events.set(receiver, [...(this.#events.get(receiver) ?? []), nameOf(delivery)]);
  };

  /** Returns what reached a receiver's handlers since the last call. */
  take(receiver: string): string {
    const events = this.#events.get(receiver) ?? [];
    this.#events.delete(receiver);
    return events.join(' + ') || '-';
  }
}

/** Formats a delivery for the table: its event, the name of an unknown one, and the fields that drifted. */
export function nameOf({ event, drift }: Delivery): string {
  const name = event.event === 'UNKNOWN' ? `UNKNOWN, named ${event.name}` : event.event;
  return drift.length === 0 ? name : `${name}, without ${drift.map(({ path }) => path).join(', ')}`;
}

interface Cell {
  readonly receiver: string;
  readonly status: number;
  readonly reached: string;
}

const TITLE_WIDTH = 40;
const CELL_WIDTH = 8;

/** Sends every delivery to every receiver and prints the table. Returns whether each cell is as expected. */
export async function runTable(receivers: readonly RunningReceiver[], recorder: Recorder): Promise<boolean> {
  const names = receivers.map(({ name }) => name);
  console.log(line('SENT', ['EXPECT', ...names], 'REACHED THE HANDLERS AS'));
  let wrong = 0;
  let checked = 0;
  for (const planned of await plan()) {
    const cells: Cell[] = [];
    for (const { name, url } of receivers) {
      const status = await send(url, planned);
      cells.push({ receiver: name, status, reached: recorder.take(name) });
    }
    const isRight = ({ status, reached }: Cell) => status === planned.status && reached === planned.reaches;
    const marked = cells.map((cell) => `${cell.status}${isRight(cell) ? '' : ' !'}`);
    const reached = [...new Set(cells.map((cell) => cell.reached))].join(' or ');
    console.log(line(planned.title, [String(planned.status), ...marked], reached));
    for (const { receiver, status, reached } of cells.filter((cell) => !isRight(cell))) {
      wrong += 1;
      console.log(`  ! ${receiver}: expected ${planned.status} and ${planned.reaches}, got ${status} and ${reached}`);
    }
    checked += cells.length;
  }
  const verdict = wrong === 0 ? 'each as expected' : `${wrong} of them not as expected (marked !)`;
  console.log(`\n${checked} deliveries over HTTP, ${verdict}.`);
  return wrong === 0;
}

function line(title: string, cells: readonly string[], reached: string): string {
  return `${title.padEnd(TITLE_WIDTH)}${cells.map((cell) => cell.padEnd(CELL_WIDTH)).join('')}${reached}`.trimEnd();
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
