import { webhook } from '../fixture-rows';
import type { SubscribableEvent } from '../payload';
import type { Payloads } from '../payloads';
import type { ScenarioChange } from './change';

/** One event of a scenario, and its meaning. */
export interface ScenarioStep {
  /** When it happens, in milliseconds since 1970; later with every step. */
  readonly atMs: number;
  readonly event: SubscribableEvent;
  /** The `id` of the entity that was created, changed or deleted. */
  readonly entityId: string;
  /** All changes of an update; empty for a creation and a deletion. */
  readonly changes: readonly ScenarioChange[];
  /** The payload; a new copy that you can change. */
  readonly payload: Payloads[SubscribableEvent];
}

type Row = { id: string };

/** Converts changes to events: each contains the entity as its last event left it, and its current state. */
export class Journal {
  /** The last emitted row of each entity that exists, as JSON. */
  readonly #last = new Map<string, string>();
  /** The current time. */
  nowMs = 0;

  created(event: SubscribableEvent, row: Row): ScenarioStep {
    return this.#step(event, row.id, null, this.#keep(row), []);
  }

  updated(event: SubscribableEvent, row: Row, changes: readonly ScenarioChange[]): ScenarioStep {
    return this.#step(event, row.id, this.#last.get(row.id), this.#keep(row), changes);
  }

  deleted(event: SubscribableEvent, { id }: Row): ScenarioStep {
    const last = this.#last.get(id);
    this.#last.delete(id);
    return this.#step(event, id, last, null, []);
  }

  /** Returns an entity as its last event left it. */
  last<Shown extends Row>({ id }: Row): Shown {
    return JSON.parse(this.#last.get(id) as string);
  }

  /** Removes an entity without an event, along with its parent. */
  forget({ id }: Row): void {
    this.#last.delete(id);
  }

  #keep(row: Row): string {
    const text = JSON.stringify(row);
    this.#last.set(row.id, text);
    return text;
  }

  #step(
    event: SubscribableEvent,
    entityId: string,
    previous: string | null | undefined,
    current: string | null,
    changes: readonly ScenarioChange[],
  ): ScenarioStep {
    const payload = {
      event,
      webhook: structuredClone(webhook),
      previousValue: JSON.parse(previous ?? 'null'),
      currentValue: JSON.parse(current ?? 'null'),
    };
    return { atMs: this.nowMs, event, entityId, changes, payload: payload as ScenarioStep['payload'] };
  }
}
