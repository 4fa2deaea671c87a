import { webhook } from '../fixture-rows';
import type { SubscribableEvent } from '../payload';
import type { Payloads } from '../payloads';
import type { ScenarioChange } from './change';

/** One event of a scenario, and what it stands for. */
export interface ScenarioStep {
  /** When it happens, in milliseconds since 1970; later with every step. */
  readonly atMs: number;
  readonly event: SubscribableEvent;
  /** The `id` of the entity that was created, changed or deleted. */
  readonly entityId: string;
  /** What an update changed, complete; empty for a creation and a deletion. */
  readonly changes: readonly ScenarioChange[];
  /** What travels; a fresh copy, yours to change. */
  readonly payload: Payloads[SubscribableEvent];
}

type Row = { id: string };

/** Turns what happens into events: each carries the entity as its last event left it, and as it is now. */
export class Journal {
  /** The last emitted row of each entity that exists, as JSON. */
  readonly #last = new Map<string, string>();
  /** The time of what happens now. */
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

  /** An entity as its last event left it. */
  last<Shown extends Row>({ id }: Row): Shown {
    return JSON.parse(this.#last.get(id) as string);
  }

  /** An entity is gone without an event, along with the one that held it. */
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
