import type { Context } from '../context';
import { printable } from '../printable';

/** One request and its response. */
export interface Sent {
  readonly event: string;
  readonly entityId: string | undefined;
  readonly attempt: number;
  readonly duplicate: boolean;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly status: number | undefined;
  readonly error: string | undefined;
  /** The simulated webhook after the attempt. */
  readonly deliveryId?: string;
  readonly webhook?: { readonly status: string; readonly enabled: boolean };
}

/** Prints an attempt as a row of a table or as a line of JSON. */
export function printAttempt({ out }: Pick<Context, 'out'>, sent: Sent, json: boolean): void {
  if (json) {
    out.jsonLine(sent);
    return;
  }
  const { event, entityId, attempt, duplicate, startedAtMs, durationMs, status, error } = sent;
  const accepted = status !== undefined && status >= 200 && status <= 299;
  const notes = [attempt > 1 ? `attempt ${attempt}` : '', duplicate ? 'duplicate' : '', error ?? ''].filter(Boolean);
  const answer = out.paint(accepted ? 'green' : 'red', String(status ?? '-').padEnd(5));
  out.line(
    `${timeOf(startedAtMs)}  ${answer}${printable(event, 40).padEnd(41)}${printable(entityId ?? '', 26).padEnd(27)}${`${Math.round(durationMs)} ms`.padEnd(9)}${printable(notes.join(', '), 120)}`.trimEnd(),
  );
}

/** Formats the local time of day. */
export function timeOf(atMs: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = new Date(atMs);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
