import { existsSync } from 'node:fs';
import { scenario } from '@blue-webhooks/testing';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { didYouMean } from '../nearest';
import { printable } from '../printable';
import { readInput } from '../read-input';
import { isSampleName, sampleNames, sampleOf } from '../samples';

/** A delivery to send. */
export interface Sendable {
  readonly payload: { readonly event: string } & Readonly<Record<string, unknown>>;
  /** The bytes of a file. If `undefined`, the payload is sent as compact JSON. */
  readonly bytes: Uint8Array | undefined;
}

const scenarios = ['day-in-a-workspace'];

/**
 * Returns the events of one or more days.
 * @throws CommandError if the scenario is unknown
 */
export function scenarioOf(name: string, days: number, seed: number): Iterable<Sendable> {
  if (!scenarios.includes(name)) {
    throw new CommandError(
      `Unknown scenario '${printable(name, 60)}'.${didYouMean(name, scenarios) || ` The scenarios are ${scenarios.join(', ')}.`}`,
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
 * Returns an event several times, each with its own time and therefore its own id; or the bytes of a file, which a receiver
 * recognises as a duplicate the second time.
 * @throws CommandError if the event is unknown, or the file is not a delivery
 */
export async function namedDelivery(
  name: string,
  times: number,
  context: Pick<Context, 'stdin'>,
): Promise<Iterable<Sendable>> {
  const looksLikeFile = name === '-' || /[./\\]/.test(name) || (!isSampleName(name.toUpperCase()) && existsSync(name));
  if (looksLikeFile) {
    const one = fileDelivery(name === '-' ? 'Standard input' : name, await readInput(name, context));
    return Array<Sendable>(times).fill(one);
  }
  if (!isSampleName(name.toUpperCase())) {
    const hint = didYouMean(name, sampleNames) || " 'blue-webhooks events' lists the events.";
    throw new CommandError(`'${printable(name, 60)}' is neither an event nor a file.${hint}`);
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
    // Parsed only to print the event's name: the bytes are sent as they are.
    payload = JSON.parse(
      Buffer.from(bytes)
        .toString()
        .replace(/^\ufeff/, ''),
    );
  } catch {
    throw new CommandError(`${printable(name)} is not JSON.`);
  }
  if (typeof (payload as { event?: unknown } | null)?.event === 'string') {
    return { payload: payload as Sendable['payload'], bytes };
  }
  throw new CommandError(`${printable(name)} is not a delivery: it must be an object whose 'event' is a string.`);
}

/** Returns the payload with the time of its entity's change set. */
function stamped(payload: Sendable['payload'], updatedAt: string): Sendable['payload'] {
  const key = payload.currentValue ? 'currentValue' : 'previousValue';
  const entity = payload[key];
  return typeof entity === 'object' && entity !== null
    ? { ...payload, [key]: { ...entity, updatedAt } }
    : { ...payload, sentAt: updatedAt };
}
