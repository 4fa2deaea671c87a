import type { Outcome } from '@blue-webhooks/core';
import type { Context } from '../context';
import { printable } from '../printable';
import { timeOf } from '../send/attempt-line';
import { isAccepted } from './forward';
import type { Delivery, Forwarding } from './journal';
import type { ShownWebhook } from './webhook-state';

const EVENT_WIDTH = 40;
const TITLE_WIDTH = 34;

/** Prints one line for each delivery and for each response of the app. */
export class Announcer {
  readonly #context: Pick<Context, 'out' | 'err'>;
  readonly #json: boolean;

  constructor(context: Pick<Context, 'out' | 'err'>, json: boolean) {
    this.#context = context;
    this.#json = json;
  }

  arrived({ key, event = '', title = '', entityId, times, receivedAtMs, drifted }: Delivery, outcome: Outcome): void {
    const { out } = this.#context;
    const { status, code } = outcome;
    if (this.#json) {
      out.jsonLine({ type: 'arrived', key, event, entityId, times, status, code });
      return;
    }
    const accepted = status >= 200 && status <= 299;
    const notes = [
      accepted ? '' : `refused: ${code ?? ''}`,
      accepted && outcome.event === 'UNKNOWN' ? 'not in the catalogue' : '',
      times > 1 ? `received ${times} times` : '',
      drifted > 0 ? `${drifted === 1 ? '1 field differs' : `${drifted} fields differ`} from the documented type` : '',
    ];
    const line = row(
      timeOf(times > 1 ? Date.now() : receivedAtMs),
      String(status),
      event,
      title || (entityId ?? ''),
      note(notes),
    );
    out.line(accepted ? line : out.paint('red', line));
  }

  /** Prints an event that was read from Blue's API. */
  backfilled({ key, event = '', title = '', entityId, receivedAtMs }: Delivery): void {
    const { out } = this.#context;
    if (this.#json) out.jsonLine({ type: 'backfilled', key, event, entityId });
    else out.line(row(timeOf(receivedAtMs), 'API', event, title || (entityId ?? ''), 'stored by catch-up'));
  }

  /** Prints a change of the webhook's state. */
  webhook({ webhookId, state, message }: ShownWebhook): void {
    const { out } = this.#context;
    if (this.#json) {
      out.jsonLine({ type: 'webhook', webhookId, state, message });
      return;
    }
    const line = printable(`Webhook ${webhookId} is ${state}. ${message}`, 400);
    out.line(out.paint(state === 'healthy' ? 'green' : 'yellow', line));
  }

  /** Prints that a request got a response, but was not recorded. */
  notRecorded({ message }: Error, { status, code, deliveryId }: Pick<Outcome, 'status' | 'code' | 'deliveryId'>): void {
    const { out, err } = this.#context;
    if (this.#json) out.jsonLine({ type: 'not-recorded', key: deliveryId, status, code, error: message });
    else {
      const line = `A delivery got the response ${status}${code ? ` (${code})` : ''}, but was not recorded: ${printable(message, 200)}`;
      err.line(err.paint('yellow', line));
    }
  }

  forwarded(
    { event = '', title = '', entityId, key }: Pick<Delivery, 'event' | 'title' | 'entityId' | 'key'>,
    forwarding: Forwarding,
    { attempt, maxAttempts }: { readonly attempt: number; readonly maxAttempts: number },
  ): void {
    const { out } = this.#context;
    const { atMs, status, error, durationMs } = forwarding;
    if (this.#json) {
      out.jsonLine({ type: 'forwarded', key, event, entityId, attempt, status, error, durationMs });
      return;
    }
    const accepted = isAccepted(forwarding);
    const failed = attempt < maxAttempts ? 'retrying' : 'failed: Blue would disable the webhook';
    const notes = [
      `your app${attempt > 1 || !accepted ? `, attempt ${attempt} of ${maxAttempts}` : ''}`,
      error ?? `${Math.round(durationMs)} ms`,
      accepted ? '' : failed,
    ];
    const line = row(timeOf(atMs), `> ${status ?? '-'}`, event, title || (entityId ?? ''), note(notes));
    out.line(out.paint(accepted ? 'green' : 'yellow', line));
  }
}

/** Returns the header of the table. */
export const tableHead = () => row('TIME', 'STATUS', 'EVENT', 'ABOUT', '');

function row(time: string, answer: string, event: string, about: string, notes: string): string {
  return [time.padEnd(10), answer.padEnd(8), cell(event, EVENT_WIDTH), cell(about, TITLE_WIDTH), printable(notes, 160)]
    .join('')
    .trimEnd();
}

const cell = (text: string, width: number) =>
  printable(text, width - 2)
    .slice(0, width - 1)
    .padEnd(width);

const note = (notes: readonly string[]) => notes.filter(Boolean).join(', ');
