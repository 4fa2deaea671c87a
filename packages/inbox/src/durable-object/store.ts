import { checkedStore } from '../checked-store';
import type { Connection } from '../sqlite/connection';
import { methodsOn } from '../sqlite/methods';
import type { SqliteTransaction } from '../sqlite/transaction';
import type { InboxStore } from '../store';
import { storeErrorOf } from '../store-error';
import { connectStorage, type OnWrite } from './connection';
import { type DurableObjectState, type DurableObjectStorage, requireState } from './state';

/**
 * Stores deliveries in the SQLite of a Cloudflare Durable Object, whose class must be one of `new_sqlite_classes`. Acknowledged
 * deliveries are durable: they survive an eviction of the object. `durableObjectInbox` also handles them, by the object's alarm; with
 * `createInbox` they are handled only while the object is in memory.
 * @throws TypeError unless it is the state of an object that has SQLite
 */
export function durableObjectStore(state: DurableObjectState): InboxStore<SqliteTransaction> {
  return openingStore(requireState(state).storage, () => undefined).store;
}

/** A store, and the connection that it uses. */
export interface OpeningStore {
  readonly store: InboxStore<SqliteTransaction>;
  /** Opens the database when necessary. @throws what SQLite throws */
  connection(): Connection;
}

export function openingStore(storage: DurableObjectStorage, onWrite: OnWrite): OpeningStore {
  let current: Connection | undefined;

  function connection(): Connection {
    current ??= connectStorage(storage, onWrite);
    return current;
  }

  /** After a failure the database is opened again: it can have been emptied by `deleteAll`. */
  async function using<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await work(connection());
    } catch (error) {
      current = undefined;
      throw storeErrorOf(error);
    }
  }

  const store = checkedStore({
    open: () => using(async () => {}),
    ...methodsOn(using),
    async close() {}, // the database is open as long as the object is in memory
  });
  return { store, connection };
}
