import { existsSync } from 'node:fs';
import { scenario } from '@blue-webhooks/testing';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { didYouMean } from '../nearest';
import { printable } from '../printable';
import { readInput } from '../read-input';
import { isSampleName, sampleNames, sampleOf } from '../samples';

/** Something to send. */
export interface Sendable {
  readonly payload: { readonly event: string } & Readonly<Record<string, unknown>>;
  /** A file's own bytes; otherwise the payload travels as compact JSON. */
  readonly bytes: Uint8Array | undefined;
}

const scenarios = ['day-in-a-workspace'];

/**
 * A day's events, or several days'.
 * @throws CommandError for a name that is none
 */
export function scenarioOf(name: string, days: number, seed: number): Iterable<Sendable> {
  if (!scenarios.includes(name)) {
    throw new CommandError(
      `There is no scenario '${printable(name, 60)}'.${didYouMean(name, scenarios) || ` There is: ${scenarios.join(', ')}.`}`,
    );
  }
  const steps = scenario({ seed, days, records: 20 * days });
  return {
    *[Symbol.iterator]() {
      for (const { payload } of steps) yield { payload: { ...payload }, bytes: undefined };
    },
  };
}

/**
 * The same event so many times, each with a time of its own and so with an id of its own; or a file's bytes, which a receiver
 * knows again the second time.
 * @throws CommandError for an event that is none, and for a file that is no delivery
 */
export async function namedDelivery(
  name: string,
  times: number,
  context: Pick<Context, 'stdin'>,
): Promise<Iterable<Sendable>> {
  const looksLikeFile = name === '-' || /[./\\]/.test(name) || (!isSampleName(name.toUpperCase()) && existsSync(name));
  if (looksLikeFile) {
    const one = fileDelivery(name === '-' ? 'What is piped in' : name, await readInput(name, context));
    return Array<Sendable>(times).fill(one);
  }
  if (!isSampleName(name.toUpperCase())) {
    const hint = didYouMean(name, sampleNames) || " 'blue-webhooks events' lists them.";
    throw new CommandError(`There is neither an event nor a file '${printable(name, 60)}'.${hint}`);
  }
  return {
    *[Symbol.iterator]() {
      const startedAtMs = Date.now();
      for (let place = 0; place < times; place++) {
        yield { payload: stamped(sampleOf(name), new Date(startedAtMs + place).toISOString()), bytes: undefined };
      }
    },
  };
}

function fileDelivery(name: string, bytes: Uint8Array): Sendable {
  let payload: unknown;
  try {
    // The text only names the event in the output: what travels are the bytes, whatever they are.
    payload = JSON.parse(
      Buffer.from(bytes)
        .toString()
        .replace(/^\ufeff/, ''),
    );
  } catch {
    throw new CommandError(`${printable(name)} is no JSON.`);
  }
  if (typeof (payload as { event?: unknown } | null)?.event === 'string') {
    return { payload: payload as Sendable['payload'], bytes };
  }
  throw new CommandError(`${printable(name)} is no delivery: it must be an object whose 'event' is a text.`);
}

/** The payload with its entity changed now. */
function stamped(payload: Sendable['payload'], updatedAt: string): Sendable['payload'] {
  const key = payload.currentValue ? 'currentValue' : 'previousValue';
  const entity = payload[key];
  return typeof entity === 'object' && entity !== null
    ? { ...payload, [key]: { ...entity, updatedAt } }
    : { ...payload, sentAt: updatedAt };
}
