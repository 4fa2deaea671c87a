import type { SqliteStatement } from './driver';

export type SqliteValue = string | number | null | Uint8Array;

/** How many rows one transaction changes, so that deliveries to be stored do not wait long. */
export const CHUNK = 500;

/** Runs queries. */
export interface Reader {
  /** Returns the rows of a statement. */
  all<Row>(sql: string, ...parameters: SqliteValue[]): Row[];
  /** How many bytes a value may have, where that is less than a body. */
  readonly maxValueBytes?: number | undefined;
}

/** A database whose schema is up to date. */
export interface Connection extends Reader {
  run(sql: string, ...parameters: SqliteValue[]): void;
  /** Prepares a statement of somebody else's, which is not kept. Its parameters are positional. */
  prepare(sql: string): SqliteStatement;
  /** Runs the work in a transaction that it may share with others; resolves once it is durable. */
  write<T>(work: () => T): Promise<T>;
  /** Runs a part of the work of `write`, and undoes what it has written if it returns `false`. */
  undoable(work: () => boolean): void;
  read<T>(work: () => T): Promise<T>;
  /**
   * Writes deleted content out of files that would keep it beside the database. Returns whether that succeeded: other connections can
   * prevent it.
   */
  emptyLog(): Promise<boolean>;
}
