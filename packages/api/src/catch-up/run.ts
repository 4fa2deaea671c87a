import { type BackfillEvent, deliveryOf, type UnknownReason } from './backfill-event';
import { applied, type Difference, differences, silentColumns } from './compare';
import type { KnownEntity, KnownStore } from './known';
import type { Kind, Row } from './rows';
import type { Step } from './step';
import { stepEvents } from './steps';
import { type BackfillTarget, handOn } from './target';

/** The counts of a run so far. */
export interface Counts {
  /** Rows that were read and compared. */
  seen: number;
  /** Events that were passed on, and were new there. */
  repaired: number;
  /** Deletions among them. */
  deleted: number;
  /** Missing rows that may have been deleted or hidden from this user. */
  deletedUnresolved: number;
  /** Changes of an unknown kind, passed on as `UNKNOWN`. */
  unknownKind: number;
  /** Rows that were deleted and restored. */
  restored: number;
  /** Events whose handlers failed. The next run passes them on again. */
  failed: number;
  /** Single steps of records among the events: those that the net change does not show. */
  steps: number;
  /** Changed records whose steps were not read, or not completely: the limit was reached, or Blue does not show them. */
  stepsUnread: number;
  /** Changes of rows whose `updatedAt` had not moved: only a full scan finds those. */
  foundByFullScan: number;
}

export interface RunSettings {
  readonly known: KnownStore;
  readonly target: BackfillTarget;
  readonly dryRun: boolean;
  /** From when on changes were missed. */
  readonly fromMs: number;
  /** Changes from this time on are repaired: some time before, because rows are committed late. */
  readonly sinceMs: number;
  /** When the run began, by the server's clock. */
  readonly startMs: number;
  readonly signal: AbortSignal;
  readonly counts: Counts;
  readonly onFailure: (error: unknown) => void;
}

/** `createdAt` is rounded to seconds. */
const SLACK_MS = 1_000;
/** How far a read may lag behind a delivery. */
const REPLICA_LAG_MS = 60_000;
/** Children that are created together with a record have no separate event. */
const TOGETHER_MS = 2_000;

const createdEvents: Readonly<Record<Kind, string>> = {
  record: 'TODO_CREATED',
  list: 'TODO_LIST_CREATED',
  tag: 'TAG_CREATED',
  customField: 'CUSTOM_FIELD_CREATED',
  checklist: 'TODO_CHECKLIST_CREATED',
  checklistItem: 'TODO_CHECKLIST_ITEM_CREATED',
  comment: 'COMMENT_CREATED',
};

/** Kinds of which every update is the same event, so that none has to be guessed. */
const onlyUpdate: Partial<Record<Kind, string>> = {
  tag: 'TAG_UPDATED',
  customField: 'CUSTOM_FIELD_UPDATED',
  comment: 'COMMENT_UPDATED',
};

/** The current state of one row. */
export interface Present {
  readonly kind: Kind;
  readonly row: Row;
  readonly projectId: string;
  readonly parentId: string | undefined;
  /** Its record, if that was created since. */
  readonly createdWith?: Row | undefined;
  /** The single steps of a record that were missed. */
  readonly steps?: readonly Step[] | undefined;
}

/** Converts rows to events, passes them on, and stores the rows afterwards. */
export class Run {
  readonly #settings: RunSettings;
  /** Called with each row that is stored. */
  onRemember: (entity: KnownEntity) => void = () => {};

  constructor(settings: RunSettings) {
    this.#settings = settings;
  }

  get counts(): Counts {
    return this.#settings.counts;
  }

  get known(): KnownStore {
    return this.#settings.known;
  }

  get sinceMs(): number {
    return this.#settings.sinceMs;
  }

  get startMs(): number {
    return this.#settings.startMs;
  }

  /** Whether a row was created in the time that is repaired. */
  isNew(row: Row): boolean {
    return timeOf(row.createdAt) >= this.#settings.sinceMs - SLACK_MS;
  }

  /** From when on single steps of a record were missed, in milliseconds; `undefined` if it has not changed unnoticed. */
  stepsFromMs(row: Row, before: KnownEntity | undefined): number | undefined {
    const { fromMs, sinceMs } = this.#settings;
    if (!before) return timeOf(row.updatedAt) >= sinceMs && !this.isNew(row) ? sinceMs : undefined;
    if (before.deletedAtMs !== undefined || this.#isOlder(row, before)) return undefined;
    const knownMs = timeOf(before.row.updatedAt);
    if (timeOf(row.updatedAt) === knownMs && differences('record', before.row, row).length === 0) return undefined;
    return Math.max(fromMs, knownMs + SLACK_MS);
  }

  /** Compares a row with the last known one, and repairs the difference. */
  async present(present: Present, before: KnownEntity | undefined): Promise<void> {
    const { kind, row, projectId, parentId } = present;
    const { counts, sinceMs } = this.#settings;
    counts.seen += 1;
    if (this.#isOlder(row, before)) return;
    const events = this.#eventsOf(present, before);
    if (timeOf(row.updatedAt) < sinceMs && !before?.deletedAtMs) counts.foundByFullScan += events.length;
    if (!(await this.#handOn(events))) return;
    const deletedAtMs = kind === 'comment' && row.deletedAt ? timeOf(row.deletedAt) : undefined;
    await this.#remember({
      kind,
      id: row.id,
      projectId,
      parentId,
      row,
      ...(deletedAtMs === undefined ? {} : { deletedAtMs }),
    });
  }

  /** Whether a delivery was faster than this read. */
  #isOlder(row: Row, before: KnownEntity | undefined): boolean {
    const beforeMs = timeOf(before?.row.updatedAt);
    return beforeMs > timeOf(row.updatedAt) && beforeMs > this.#settings.startMs - REPLICA_LAG_MS;
  }

  /** Reports a deletion, and stores that the row is deleted. */
  async deleted(event: string, before: KnownEntity): Promise<void> {
    const { counts, startMs } = this.#settings;
    const { kind, id, projectId, row } = before;
    if (!(await this.#handOn([{ event, kind, entityId: id, projectId, previousValue: row, currentValue: null }])))
      return;
    counts.deleted += 1;
    await this.#remember({ ...before, deletedAtMs: startMs });
  }

  /** Stores that a row was deleted along with another one, which has the only event. */
  async goneAlong(before: readonly KnownEntity[]): Promise<void> {
    for (const each of before) await this.#remember({ ...each, deletedAtMs: this.#settings.startMs });
  }

  #eventsOf(
    { kind, row, projectId, createdWith, steps = [] }: Present,
    before: KnownEntity | undefined,
  ): readonly BackfillEvent[] {
    const base = { kind, entityId: row.id, projectId };
    const unknown = (reason: UnknownReason, previousValue: Row | null): BackfillEvent[] => {
      this.#settings.counts.unknownKind += reason === 'RESTORED' ? 0 : 1;
      return [{ ...base, event: 'UNKNOWN', previousValue, currentValue: row, reason }];
    };
    const single = (net: readonly Difference[]) => {
      const found = stepEvents(base, row, steps, net);
      this.#settings.counts.steps += found.length;
      return found;
    };
    if (!before) {
      if (createdWith && timeOf(row.createdAt) <= timeOf(createdWith.createdAt) + TOGETHER_MS) return [];
      return this.#firstSeen(base, row, single, unknown);
    }
    if (kind === 'comment' && row.deletedAt) {
      if (before.deletedAtMs !== undefined) return [];
      this.#settings.counts.deleted += 1;
      return [{ ...base, event: 'COMMENT_DELETED', previousValue: before.row, currentValue: null }];
    }
    if (before.deletedAtMs !== undefined) {
      this.#settings.counts.restored += 1;
      return unknown('RESTORED', before.row);
    }
    const net = differences(kind, before.row, row);
    const missed = single(net);
    const silent = silentColumns(kind, before.row, row);
    if (net.length === 0 && silent.length > 0) return [...missed, ...unknown('NO_EVENT_FOR_CHANGE', before.row)];
    let current = before.row;
    const changes = net.map((difference, place) => {
      const previousValue = current;
      // What has changed without an event comes with the last one.
      current = place === net.length - 1 ? row : applied(current, row, difference);
      return { ...base, event: difference.event, previousValue, currentValue: current };
    });
    return [...missed, ...changes];
  }

  #firstSeen(
    base: Pick<BackfillEvent, 'kind' | 'entityId' | 'projectId'>,
    row: Row,
    single: (net: readonly Difference[]) => readonly BackfillEvent[],
    unknown: (reason: UnknownReason, previousValue: Row | null) => BackfillEvent[],
  ): readonly BackfillEvent[] {
    const { kind } = base;
    const isChanged = timeOf(row.updatedAt) >= this.#settings.sinceMs;
    if (kind === 'comment' && row.deletedAt) {
      const wasThere = !this.isNew(row) && timeOf(row.deletedAt) >= this.#settings.sinceMs;
      return wasThere ? [{ ...base, event: 'COMMENT_DELETED', previousValue: row, currentValue: null }] : [];
    }
    if (this.isNew(row)) return [{ ...base, event: createdEvents[kind], previousValue: null, currentValue: row }];
    const update = onlyUpdate[kind];
    if (!isChanged) return []; // seen for the first time, and not of this time
    if (update) return [{ ...base, event: update, previousValue: null, currentValue: row }];
    const steps = single([]);
    return steps.length > 0 ? steps : unknown('NO_EARLIER_ROW', null);
  }

  /** Passes events on, in order. Returns whether all of them arrived. */
  async #handOn(events: readonly BackfillEvent[]): Promise<boolean> {
    const { target, dryRun, counts, signal, startMs, onFailure } = this.#settings;
    for (const event of events) {
      signal.throwIfAborted();
      if (dryRun) {
        counts.repaired += 1;
        continue;
      }
      try {
        if (await handOn(target, await deliveryOf(event, new Date(startMs), signal))) counts.repaired += 1;
      } catch (error) {
        counts.failed += 1;
        onFailure(error);
        return false;
      }
    }
    return true;
  }

  async #remember(entity: KnownEntity): Promise<void> {
    this.onRemember(entity);
    if (!this.#settings.dryRun) await this.#settings.known.put([entity]);
  }
}

export function timeOf(value: unknown): number {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isFinite(time) ? time : 0;
}
