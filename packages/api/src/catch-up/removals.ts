import type { ActivityCategory } from '../operations';
import type { KnownEntity } from './known';
import type { ActivityEntry } from './reader';
import type { Run } from './run';

/** How far the clock of a receiver, which records deletions, may be ahead of the clock of Blue. */
const SKEW_MS = 300_000;

/** How the feed shows the removal of a kind of row. */
export interface RemovalKind {
  readonly removal: ActivityCategory;
  readonly creation: ActivityCategory;
  /** The id of the row that an entry names. */
  readonly idOf: (entry: ActivityEntry) => string | undefined;
  /** Whether the row of an entry about a creation is gone. */
  readonly isGone: (entry: ActivityEntry) => boolean;
  readonly known: readonly KnownEntity[];
  /** Whether a row was read in this run. */
  readonly isPresent: (id: string) => boolean;
}

/** The entries of the feed about removed rows of a kind. */
export interface Removals {
  /** The ids that entries name. */
  readonly named: ReadonlySet<string>;
  readonly count: number;
  /** Returns how many entries are left for known rows that are absent; call it once everything was read. */
  unnamed(): number;
  /** Absence does not prove a deletion: the feed must name the row, or have an entry left for each absent one. */
  sort(absent: readonly KnownEntity[]): {
    readonly certain: readonly KnownEntity[];
    readonly unresolved: readonly KnownEntity[];
  };
}

/** Finds the removals of a kind of row in the feed of a workspace. */
export function removalsIn(
  activity: readonly ActivityEntry[],
  { removal, creation, idOf, isGone, known, isPresent }: RemovalKind,
  run: Pick<Run, 'isNew' | 'sinceMs' | 'startMs'>,
): Removals {
  const ids = activity.filter(({ category }) => category === removal).map(idOf);
  const named = new Set(ids.filter((id) => id !== undefined));
  const anonymous = ids.filter((id) => id === undefined).length;
  // Rows that were created and removed in this time, and never seen here, leave entries that nothing known accounts for.
  const vanished = activity.filter((entry) => entry.category === creation && isGone(entry)).length;
  const reported = known.filter(
    ({ id, deletedAtMs = 0 }) => deletedAtMs >= run.sinceMs && deletedAtMs <= run.startMs + SKEW_MS && !named.has(id),
  ).length;
  const unnamed = () => {
    const young = known.filter(({ id, row }) => run.isNew(row) && !isPresent(id)).length;
    return Math.max(0, anonymous - Math.max(0, vanished - young) - reported);
  };
  return {
    named,
    count: ids.length,
    unnamed,
    sort(absent) {
      const certain = absent.filter(({ id }) => named.has(id));
      const rest = absent.filter(({ id }) => !named.has(id));
      return rest.length <= unnamed() ? { certain: absent, unresolved: [] } : { certain, unresolved: rest };
    },
  };
}

/** The record's id in an entry's metadata, a JSON text. */
export function idIn(metadata: string | null): string | undefined {
  try {
    const { todoId, id } = JSON.parse(metadata ?? '{}') as { readonly todoId?: unknown; readonly id?: unknown };
    return [todoId, id].find((each) => typeof each === 'string') as string | undefined;
  } catch {
    return undefined;
  }
}
