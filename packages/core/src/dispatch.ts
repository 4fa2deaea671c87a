import { projectOf } from './changes/origin';
import type { Delivery } from './delivery';
import { WebhookError } from './errors';
import type { BlueEvent, EventName, EventOf, UnknownEvent } from './events';

/** Handles an event. What it returns is awaited; what it throws makes Blue send the delivery again. */
export type EventHandler<E extends BlueEvent> = (event: E, delivery: Delivery<E>) => unknown;

type AnyHandler = (event: BlueEvent, delivery: Delivery) => unknown;

/** Which events a handler is for, besides their names. */
export interface EventFilter {
  /** The id of a workspace, or of several: only events that say they belong to it. */
  readonly project: string | readonly string[];
}

/** The handlers by the event's name, in order of registration. */
export class Handlers {
  readonly #byName = new Map<string, AnyHandler[]>();
  readonly #projects: readonly string[] | undefined;

  /** @throws TypeError for workspaces that could not be meant */
  constructor(projects?: readonly string[]) {
    this.#projects = projects && projectIds('projects', projects);
  }

  add<N extends EventName>(name: N, handler: EventHandler<EventOf<N>>): void;
  add(name: 'UNKNOWN', handler: EventHandler<UnknownEvent>): void;
  add(name: string, handler: unknown): void {
    const handlers = this.#byName.get(name);
    if (handlers) handlers.push(handler as AnyHandler);
    else this.#byName.set(name, [handler as AnyHandler]);
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
 * @throws TypeError for a filter that could not be meant
 */
export function within<E extends BlueEvent>(filter: EventFilter, handler: EventHandler<E>): EventHandler<E> {
  const { project } = (filter ?? {}) as Partial<EventFilter>;
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
      failures.push(failure);
    }
  }
  return failures;
}
