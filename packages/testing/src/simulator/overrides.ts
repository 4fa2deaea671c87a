import type { PayloadOf, SubscribableEvent } from '../payload';

type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

/** Values that replace those of the event's fixture: objects are merged, lists are replaced. */
export type Overrides<N extends SubscribableEvent> = DeepPartial<Omit<PayloadOf<N>, 'event'>>;

/**
 * Returns a copy of the payload with the overrides.
 * @throws TypeError if the overrides are not an object, or change `event`
 */
export function override<P extends { event: string }>(payload: P, overrides: unknown): P {
  if (!isObject(overrides)) {
    throw new TypeError("overrides must be an object, such as { currentValue: { title: 'Another title' } }.");
  }
  if (Object.hasOwn(overrides, 'event') && overrides.event !== payload.event) {
    throw new TypeError(
      'overrides must not change event: emit another name or, for an event that is not in the catalogue, a whole payload.',
    );
  }
  return merge(payload, overrides) as P;
}

function merge(base: unknown, overrides: unknown): unknown {
  if (!isObject(base) || !isObject(overrides)) return overrides;
  const entries = Object.entries(overrides).map(([key, value]) => [key, merge(base[key], value)]);
  // Object.fromEntries defines keys, so that `__proto__` remains an ordinary key.
  return { ...base, ...Object.fromEntries(entries) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  Object.prototype.toString.call(value) === '[object Object]';
