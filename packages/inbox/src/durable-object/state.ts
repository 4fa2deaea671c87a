import { kindOf } from '@blue-webhooks/core/adapter';

/** What is used of the state of a Durable Object: the first argument of its constructor, or `this.ctx`. */
export interface DurableObjectState {
  readonly storage: DurableObjectStorage;
}

/** What is used of an object's storage. */
export interface DurableObjectStorage {
  /** Present if the class is one of `new_sqlite_classes`. */
  readonly sql: DurableObjectSql;
  /** Runs the work in a transaction, which is rolled back if it throws. */
  transactionSync<T>(work: () => T): T;
  /** Resolves once all writes are durable. */
  sync(): Promise<void>;
  /** Sets the object's alarm, in milliseconds since 1970, in place of an earlier one. */
  setAlarm(time: number): Promise<void>;
  /** Deletes the object's alarm. */
  deleteAlarm(): Promise<void>;
}

/** What is used of an object's SQLite. */
export interface DurableObjectSql {
  /** Runs statements; the bindings are those of the last. */
  exec(query: string, ...bindings: never[]): DurableObjectCursor;
}

/** The result of a statement. */
export interface DurableObjectCursor {
  /** Returns the rows. */
  toArray(): unknown[];
}

/** @throws TypeError unless it is the state of an object that has SQLite */
export function requireState(state: unknown): DurableObjectState {
  const { storage } = (state ?? {}) as Partial<DurableObjectState>;
  if (typeof storage?.transactionSync !== 'function') {
    throw new TypeError(
      `state must be the state of a Durable Object, which is the first argument of its constructor, got ${kindOf(state)}.`,
    );
  }
  if (hasSql(storage)) return state as DurableObjectState;
  throw new TypeError(
    'This Durable Object has no SQLite: list its class in `new_sqlite_classes` of the migrations in the Worker’s configuration. An existing class cannot be changed: use a new one.',
  );
}

/** `sql` is there for every class, and throws where the class has none. */
function hasSql({ sql }: DurableObjectStorage): boolean {
  try {
    return sql.exec('SELECT 1').toArray().length === 1;
  } catch {
    return false;
  }
}
