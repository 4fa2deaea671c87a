import type { Delivery } from './delivery';
import { UnrecoverableError, WebhookError } from './errors';
import type { BlueEvent, EventName } from './events';
import { projectOf } from './events/origin';
import { isFinishing } from './finishing';
import { nameOf, originalOf, wrapping } from './handler-name';
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

/** The handlers by the event's name, in order of registration; one that finishes the delivery is last. */
export class Handlers {
  readonly #byName = new Map<string, AnyHandler[]>();
  readonly #projects: readonly string[] | undefined;

  /** @throws TypeError if `projects` is not a list of workspace ids */
  constructor(projects?: readonly string[]) {
    this.#projects = projects === undefined ? undefined : projectIds('projects', projects);
  }

  /**
   * Adds a handler to the events of all these names, or to none.
   * @throws TypeError if one of the events has a handler of the same name, or another that finishes the delivery
   */
  add(names: Iterable<EventName | 'UNKNOWN'>, handler: AnyHandler): void {
    const list = [...names];
    const given = nameOf(handler);
    const taken = list.find((name) =>
      this.#byName.get(name)?.some((other) => given !== undefined && nameOf(other) === given),
    );
    if (taken) throw new TypeError(`${taken} has a handler named '${given}' already: each needs a name of its own.`);
    const isLast = isFinishing(handler);
    const finished = list.find((name) => isLast && this.#byName.get(name)?.some(isFinishing));
    if (finished) {
      throw new TypeError(
        `${finished} has a transaction handler of a ledger already, which records that the delivery is done: write everything in one.`,
      );
    }
    // New lists: a dispatch that is running keeps the handlers that it began with.
    for (const name of list) {
      const before = this.#byName.get(name) ?? [];
      const last = isLast ? [] : before.filter(isFinishing);
      this.#byName.set(name, [...before.filter((other) => !last.includes(other)), handler, ...last]);
    }
  }

  /** Removes what was added for this handler; a dispatch that is running still runs it. */
  remove(names: Iterable<EventName | 'UNKNOWN'>, handler: unknown): void {
    for (const name of names) {
      const list = this.#byName.get(name);
      if (list)
        this.#byName.set(
          name,
          list.filter((one) => originalOf(one) !== handler),
        );
    }
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
export function inProjects<E extends BlueEvent>(project: unknown, handler: EventHandler<E>): EventHandler<E> {
  const ids = projectIds('project', typeof project === 'string' ? [project] : project);
  return wrapping(handler, (event: E, delivery: Delivery<E>) => {
    const of = projectOf(event);
    return of && ids.includes(of.id) ? handler(event, delivery) : undefined;
  });
}

function projectIds(option: string, ids: unknown): readonly string[] {
  if (Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === 'string' && id !== '')) return [...ids];
  throw new TypeError(`${option} must name at least one workspace by its id; leave it out for all of them.`);
}

/**
 * Runs the handlers one after the other, all of them even if one fails, and returns what they threw. None is started once
 * the deadline has passed: Blue will send the delivery again. One that finishes the delivery is not run while another has to be retried.
 */
export async function dispatch(
  handlers: readonly AnyHandler[],
  delivery: Delivery,
  deadline: { readonly passed: boolean },
): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const handler of handlers) {
    if (deadline.passed) return [...failures, new WebhookError('DEADLINE_EXCEEDED')];
    if (isFinishing(handler) && !failures.every(UnrecoverableError.is)) continue;
    try {
      await handler(delivery.event, delivery);
    } catch (failure) {
      keepAlive(undefined, failure); // a rejected promise that was thrown would count as unhandled
      failures.push(failure);
    }
  }
  return failures;
}
