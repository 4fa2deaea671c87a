import type { AnyHandler } from './dispatch';
import { nameOf, wrapping } from './handler-name';

/** What an inbox has stored of the handlers of a delivery, and how it observes them. */
export interface DispatchProgress {
  /**
   * Called before the first handler, with the number of handlers that will run, and of all that the event has: 0 for an event
   * without a handler.
   */
  readonly onStart?: ((handlers: number, registered: number) => unknown) | undefined;
  /** The names of the handlers that are not run, because they have succeeded in an earlier attempt. */
  readonly skip?: readonly string[] | undefined;
  /**
   * Called with a handler's name when it has succeeded and the delivery is not finished by that: others still have to run, or
   * have failed. The next handler waits for what it returns; what it throws changes nothing.
   */
  readonly onHandled?: ((name: string) => unknown) | undefined;
}

/** Returns the handlers that have not succeeded yet, each of which reports its success. */
export function remaining(
  handlers: readonly AnyHandler[],
  { skip = [], onStart, onHandled }: DispatchProgress,
): AnyHandler[] {
  const named = handlers.map((handler, place) => ({ handler, name: nameOf(handler) ?? defaultName(handlers, place) }));
  const left = named.filter(({ name }) => !skip.includes(name));
  onStart?.(left.length, named.length);
  let failed = false;
  return left.map(({ handler, name }, place) => {
    const reporting: AnyHandler = async (event, delivery) => {
      try {
        await handler(event, delivery);
      } catch (error) {
        failed = true;
        throw error;
      }
      if (!failed && place === left.length - 1) return;
      try {
        await onHandled?.(name);
      } catch {
        // The handler has succeeded nevertheless.
      }
    };
    return wrapping(handler, reporting);
  });
}

/**
 * The name of a handler that was given none: its place, how many there are, and a hash of its source. A deployment that
 * changes one of them makes the handler run again, which is safer than passing it over.
 */
function defaultName(handlers: readonly AnyHandler[], place: number): string {
  const source = (() => {}).toString.call(handlers[place]); // of every function, since a handler can have one of its own
  let hash = 0x811c9dc5; // FNV-1a
  for (let at = 0; at < source.length; at++) hash = Math.imul(hash ^ source.charCodeAt(at), 0x01000193);
  return `#${place + 1}/${handlers.length}:${(hash >>> 0).toString(16)}`;
}
