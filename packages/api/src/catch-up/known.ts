import type { Kind, Row } from './rows';

/** The last known row of an entity. */
export interface KnownEntity {
  readonly kind: Kind;
  readonly id: string;
  readonly projectId: string;
  /** The record of a checklist, an item or a comment; the list of a record. */
  readonly parentId: string | undefined;
  readonly row: Row;
  /** When its deletion was detected, in milliseconds since 1970; the row is kept, so that a restoration is detected. */
  readonly deletedAtMs?: number | undefined;
}

/** Stores the last row of each entity, and the cursors. `memoryKnown()`, `sqliteKnown(database)`, `postgresKnown(pool)`, or your own. */
export interface KnownStore {
  /** All entities of a kind in a workspace, deleted ones among them. */
  list(kind: Kind, projectId: string): Promise<readonly KnownEntity[]>;
  /** Entities by id, whatever their workspace. */
  get(kind: Kind, ids: readonly string[]): Promise<readonly KnownEntity[]>;
  /** Writes entities, in one step. */
  put(entities: readonly KnownEntity[]): Promise<void>;
  /** Reads a cursor. */
  cursor(name: string): Promise<string | undefined>;
  /** Writes a cursor. */
  setCursor(name: string, value: string): Promise<void>;
}
