import { projectOf } from './changes/origin';
import type { Delivery } from './delivery';
import { WebhookError } from './errors';
import type { BlueEvent, EventName, EventOf, UnknownEvent } from './events';
import { nameOf } from './handler-name';
import { keepAlive } from './wait-until';

/** Handles an event. What it returns is awaited; what it throws makes Blue send the delivery again. */
export type EventHandler<E extends BlueEvent> = (event: E, delivery: Delivery<E>) => unknown;

export type AnyHandler = (event: BlueEvent, delivery: Delivery) => unknown;

/** The name of a handler, and which events it is for in addition to their names. */
export interface HandlerOptions {
  /**
   * The handler's name in an inbox: once it has succeeded for a delivery, it is not run again when another handler makes the
   * delivery be retried. Unique among the handlers of one event. An unnamed handler is recognised by its place and its
   * source, and runs again after a deployment that changes either.
   */
  readonly name?: string | undefined;
  /** The id of a workspace, or of several: only events that say they belong to it. Defaults to all workspaces. */
  readonly project?: string | readonly string[] | undefined;
}

/** The handlers by the event's name, in order of registration. */
export class Handlers {
  readonly #byName = new Map<string, AnyHandler[]>();
  readonly #projects: readonly string[] | undefined;

  /** @throws TypeError if `projects` is not a list of workspace ids */
  constructor(projects?: readonly string[]) {
    this.#projects = projects === undefined ? undefined : projectIds('projects', projects);
  }

  add<N extends EventName>(name: N, handler: EventHandler<EventOf<N>>): void;
  add(name: 'UNKNOWN', handler: EventHandler<UnknownEvent>): void;
  add(name: string, handler: unknown): void {
    const handlers = this.#byName.get(name);
    const given = nameOf(handler as AnyHandler);
    if (given !== undefined && handlers?.some((other) => nameOf(other) === given)) {
      throw new TypeError(`${name} has a handler named '${given}' already: each needs a name of its own.`);
    }
    // A new list: a dispatch that is running keeps the handlers that it began with.
    this.#byName.set(name, [...(handlers ?? []), handler as AnyHandler]);
  }

  /** Those of an event; none for what is known to belong to another workspace. */
  of(event: BlueEvent): readonly AnyHandler[] {
    const handlers = this.#byName.get(event.event);
    if (!handlers) return [];
    const project = this.#projects && projectOf(event);
    return project && !this.#projects.includes(project.id) ? [] : handlers;
  }
}

/**
 * A handler that runs for events of these workspaces only.
 * @throws TypeError if `project` is not a workspace id or a list of them
 */
export function within<E extends BlueEvent>(project: unknown, handler: EventHandler<E>): EventHandler<E> {
  const ids = projectIds('project', typeof project === 'string' ? [project] : project);
  return (event, delivery) => {
    const of = projectOf(event);
    return of && ids.includes(of.id) ? handler(event, delivery) : undefined;
  };
}

function projectIds(option: string, ids: unknown): readonly string[] {
  if (Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === 'string' && id !== '')) return [...ids];
  throw new TypeError(`${option} must name at least one workspace by its id; leave it out for all of them.`);
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
      keepAlive(undefined, failure); // a rejected promise that was thrown would count as unhandled
      failures.push(failure);
    }
  }
  return failures;
}
