import type { InboxStore } from '../store';
import type { Connection } from './connection';
import { erase } from './erasing';
import { Leases } from './leases';
import { pause, readPauses, resume } from './pauses';
import { prune } from './pruning';
import { readOne, readPage, readStats, requireCursor } from './reading';
import { markDead, replay } from './replaying';
import { insert, probe } from './storing';
import type { SqliteTransaction } from './transaction';

/** Does work on a connection, which it opens when necessary. Rejects with an error of this package. */
export type Using = <T>(work: (connection: Connection) => Promise<T>) => Promise<T>;

/** What a store on SQLite does once it is open. */
export function methodsOn(using: Using): Omit<InboxStore<SqliteTransaction>, 'open' | 'close'> {
  const leases = new Leases();
  return {
    put: (delivery) => using((connection) => connection.write(() => insert(connection, delivery))),
    probe: () => using((connection) => connection.write(() => probe(connection))),
    lease: (request) => using((connection) => leases.lease(connection, request)),
    renew: (held) => using((connection) => leases.renew(connection, held)),
    recordHandled: (lease, handled) => using((connection) => leases.recordHandled(connection, lease, handled)),
    async transaction(request) {
      const ended = await using((connection) => leases.transaction(connection, request));
      if (typeof ended === 'object') throw ended.error; // the handler's own, as it is
      return ended === 'committed';
    },
    settle: (lease, settlement) => using((connection) => leases.settle(connection, lease, settlement)),
    updateLimits: (update) => using((connection) => leases.updateLimits(connection, update)),
    stats: () => using((connection) => connection.read(() => readStats(connection))),
    async list(query) {
      requireCursor(query.cursor);
      return using((connection) => connection.read(() => readPage(connection, query)));
    },
    get: (id) => using((connection) => connection.read(() => readOne(connection, id))),
    replay: (selection) => using((connection) => replay(connection, selection)),
    markDead: (id) => using((connection) => connection.write(() => markDead(connection, id))),
    prune: (request) => using((connection) => prune(connection, request)),
    erase: (selection) => using((connection) => erase(connection, selection)),
    pause: (pausing) => using((connection) => connection.write(() => pause(connection, pausing))),
    resume: (scope) => using((connection) => connection.write(() => resume(connection, scope))),
    paused: () => using((connection) => connection.read(() => readPauses(connection))),
  };
}
