import { setTimeout as sleep } from 'node:timers/promises';
import { sign } from '@blue-webhooks/core';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { NoAnswer, post } from '../post';
import { printAttempt, type Sent } from './attempt-line';
import type { Sendable } from './deliveries';
import { tampered } from './tamper';

export interface Sending {
  readonly url: URL;
  readonly secret: string;
  /** Deliveries per second. Defaults to one after the other. */
  readonly rate: number | undefined;
  readonly tamper: boolean;
  readonly json: boolean;
}

/** As long as Blue waits. */
const TIMEOUT_MS = 7_000;
const MAX_UNDER_WAY = 100;

/**
 * Sends each delivery once. Returns how many responses were right and how many were not: a tampered delivery has to be
 * refused.
 * @throws CommandError if the first request gets no response
 */
export async function sendEach(
  deliveries: Iterable<Sendable>,
  sending: Sending,
  context: Context,
): Promise<{ readonly right: number; readonly wrong: number }> {
  const { rate } = sending;
  const counts = { right: 0, wrong: 0 };
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  let place = 0;
  for (const delivery of deliveries) {
    if (rate !== undefined) await until(startedAt + (place * 1_000) / rate, context.signal);
    if (context.signal.aborted) break;
    place += 1;
    const sent = sendOne(delivery, sending, context, counts).finally(() => underWay.delete(sent));
    underWay.add(sent);
    // The first request shows whether the target is reachable; without a rate, each waits for the one before.
    if (rate === undefined || place === 1) await sent;
    else if (underWay.size >= MAX_UNDER_WAY) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  return counts;
}

async function sendOne(
  { payload, bytes }: Sendable,
  { url, secret, tamper, json }: Sending,
  context: Context,
  counts: { right: number; wrong: number },
): Promise<void> {
  const genuine = bytes ?? Buffer.from(JSON.stringify(payload));
  const headers = ['Content-Type', 'application/json', 'X-Signature', await sign(genuine, secret)];
  const startedAtMs = Date.now();
  const startedAt = performance.now();
  const answer = await post({
    url,
    headers,
    timeoutMs: TIMEOUT_MS,
    signal: context.signal,
    body: tamper ? tampered(genuine) : genuine,
  }).catch((error: unknown) => {
    if (error instanceof NoAnswer) return error;
    throw error;
  });
  const noAnswer = answer instanceof NoAnswer;
  if (noAnswer && counts.right + counts.wrong === 0 && !context.signal.aborted) {
    throw new CommandError(`${url.href} cannot be reached: ${answer.message}.`);
  }
  const status = noAnswer ? undefined : answer.status;
  const accepted = status !== undefined && status >= 200 && status <= 299;
  const refused = status !== undefined && status >= 400 && status <= 499;
  counts[(tamper ? refused : accepted) ? 'right' : 'wrong'] += 1;
  const sent: Sent = {
    event: payload.event,
    entityId: entityIdOf(payload),
    attempt: 1,
    duplicate: false,
    startedAtMs,
    status,
    durationMs: performance.now() - startedAt,
    error: noAnswer ? answer.message : undefined,
  };
  printAttempt(context, sent, json);
}

async function until(moment: number, signal: AbortSignal): Promise<void> {
  const ms = moment - performance.now();
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {});
}

function entityIdOf(payload: Readonly<Record<string, unknown>>): string | undefined {
  const entity = payload.currentValue ?? payload.previousValue ?? payload.record;
  const id = (entity as { id?: unknown } | null | undefined)?.id;
  return typeof id === 'string' ? id : undefined;
}
