import { type Attempt, type BlueSimulator, createBlueSimulator, createVirtualClock } from '@blue-webhooks/testing';
import type { Context } from '../context';
import type { Sending } from './at-once';
import { printAttempt } from './attempt-line';
import type { Sendable } from './deliveries';
import { tampered } from './tamper';

/** How long a virtual clock stands still for a request: as long as Blue waits for an answer. */
const PATIENCE_MS = 7_000;

/** Sends as Blue does: after five seconds, up to five times, and not at all once five failures have disabled the webhook. */
export async function sendAsBlue(
  deliveries: Iterable<Sendable>,
  { url, secret, rate, tamper, json }: Sending,
  skipPauses: boolean,
  context: Context,
): Promise<{ readonly blue: BlueSimulator; readonly attempts: number }> {
  let attempts = 0;
  const onAttempt = (attempt: Attempt) => {
    attempts += 1;
    printAttempt(context, { ...attempt, entityId: undefined }, json);
  };
  const blue = createBlueSimulator({
    ...{ url, secret, onAttempt, allowRemote: true },
    ...(skipPauses ? { clock: createVirtualClock({ startAt: new Date(), patienceMs: PATIENCE_MS }) } : {}),
    ...(tamper ? { fetch: forging } : {}),
  });
  const stop = () => void blue.disable();
  context.signal.addEventListener('abort', stop, { once: true });
  await blue.play(steps(deliveries, context.signal), { everyMs: rate === undefined ? 0 : 1_000 / rate });
  context.signal.removeEventListener('abort', stop);
  return { blue, attempts };
}

function* steps(deliveries: Iterable<Sendable>, signal: AbortSignal) {
  for (const { payload } of deliveries) {
    if (signal.aborted) return;
    yield { atMs: 0, payload };
  }
}

/** Changes a byte on the way. */
async function forging(request: Request): Promise<Response> {
  const body = tampered(new Uint8Array(await request.arrayBuffer()));
  const { method, headers, redirect, signal } = request;
  return fetch(request.url, { method, headers, redirect, signal, body });
}
