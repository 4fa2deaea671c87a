import type { Delivery } from './delivery';
import { WebhookError } from './errors';
import type { BlueEvent, EventName, EventOf, UnknownEvent } from './events';

/** Handles an event. What it returns is awaited; what it throws makes Blue send the delivery again. */
export type EventHandler<E extends BlueEvent> = (event: E, delivery: Delivery<E>) => unknown;

type AnyHandler = (event: BlueEvent, delivery: Delivery) => unknown;

/** The handlers by the event's name, in order of registration. */
export class Handlers {
  readonly #byName = new Map<string, AnyHandler[]>();

  add<N extends EventName>(name: N, handler: EventHandler<EventOf<N>>): void;
  add(name: 'UNKNOWN', handler: EventHandler<UnknownEvent>): void;
  add(name: string, handler: unknown): void {
    const handlers = this.#byName.get(name);
    if (handlers) handlers.push(handler as AnyHandler);
    else this.#byName.set(name, [handler as AnyHandler]);
  }

  of(event: BlueEvent): readonly AnyHandler[] {
    return this.#byName.get(event.event) ?? [];
  }
}

/**
 * Runs the handlers one after the other, all of them even if one fails, and returns what they threw. None is started once
 * the deadline has passed: Blue will send the delivery again.
 */
export async function dispatch(
  handlers: readonly AnyHandler[],
  delivery: Delivery,
  deadline: { readonly passed: boolean },
): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const handler of handlers) {
    if (deadline.passed) return [...failures, new WebhookError('DEADLINE_EXCEEDED')];
    try {
      await handler(delivery.event, delivery);
    } catch (failure) {
      failures.push(failure);
    }
  }
  return failures;
}
