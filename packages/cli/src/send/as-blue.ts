import { sign } from '@blue-webhooks/core';
import { type Attempt, type BlueSimulator, createBlueSimulator, createVirtualClock } from '@blue-webhooks/testing';
import type { Context } from '../context';
import { printAttempt } from './attempt-line';
import type { Sendable } from './deliveries';
import type { Sending } from './send-each';
import { tampered } from './tamper';

/** How long the virtual clock waits for a request: as long as Blue waits for a response. */
const PATIENCE_MS = 7_000;

/**
 * Sends deliveries as Blue does: after five seconds, up to five times, and no more after five failures have disabled the
 * webhook. The bytes of a file are sent as they are; the `webhook` of a generated event is the simulated one.
 */
export async function sendAsBlue(
  deliveries: Iterable<Sendable>,
  { url, secret, rate, tamper, json }: Sending,
  skipPauses: boolean,
  context: Context,
): Promise<{ readonly blue: BlueSimulator; readonly attempts: number }> {
  let attempts = 0;
  const exact = await exactOf(deliveries, secret);
  const onAttempt = (attempt: Attempt) => {
    attempts += 1;
    const { deliveryId } = exact ?? attempt;
    printAttempt(context, { ...attempt, deliveryId, entityId: undefined }, json);
  };
  const blue = createBlueSimulator({
    url,
    secret,
    onAttempt,
    allowRemote: true,
    ...(skipPauses ? { clock: createVirtualClock({ startAt: new Date(), patienceMs: PATIENCE_MS }) } : {}),
    ...(exact || tamper ? { fetch: (request: Request) => changed(request, exact, tamper) } : {}),
  });
  const stop = () => void blue.disable();
  context.signal.addEventListener('abort', stop, { once: true });
  await blue.play(steps(deliveries, context.signal), { everyMs: rate === undefined ? 0 : 1_000 / rate });
  context.signal.removeEventListener('abort', stop);
  return { blue, attempts };
}

function* steps(deliveries: Iterable<Sendable>, signal: AbortSignal) {
  for (const { payload, bytes } of deliveries) {
    if (signal.aborted) return;
    // Of a file, the simulator needs the name alone: it could refuse what the file's bytes say.
    yield { atMs: 0, payload: bytes ? { event: payload.event || 'no name' } : payload };
  }
}

/** A file's bytes and their signature, which are sent instead of the simulator's JSON. */
interface Exact {
  readonly bytes: Uint8Array;
  readonly signature: string;
  readonly deliveryId: string;
}

/** Returns the bytes of a file: all deliveries of one run have the same, or none. */
async function exactOf(deliveries: Iterable<Sendable>, secret: string): Promise<Exact | undefined> {
  for (const { bytes } of deliveries) {
    if (!bytes) return undefined;
    const signature = await sign(bytes, secret);
    return { bytes, signature, deliveryId: signature.slice(0, 32) };
  }
  return undefined;
}

/** Sends a request with a file's bytes instead of the simulator's, with one byte changed if it is to be tampered with. */
async function changed(request: Request, exact: Exact | undefined, tamper: boolean): Promise<Response> {
  const { method, redirect, signal } = request;
  const genuine = exact?.bytes ?? new Uint8Array(await request.arrayBuffer());
  const headers = new Headers(request.headers);
  if (exact) headers.set('x-signature', exact.signature);
  const body = tamper ? tampered(genuine) : Uint8Array.from(genuine);
  return fetch(request.url, { method, headers, redirect, signal, body });
}
