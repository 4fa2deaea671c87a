import { checkedKnown } from './checked-known';
import type { KnownEntity, KnownStore } from './known';

/** Creates a store in memory: for tests, and for one run. */
export function memoryKnown(): KnownStore {
  const entities = new Map<string, KnownEntity>();
  const cursors = new Map<string, string>();
  return checkedKnown({
    list: async (kind, projectId) =>
      [...entities.values()].filter((each) => each.kind === kind && each.projectId === projectId),
    get: async (kind, ids) => ids.flatMap((id) => entities.get(`${kind} ${id}`) ?? []),
    async put(list) {
      for (const each of list) entities.set(`${each.kind} ${each.id}`, each);
    },
    cursor: async (name) => cursors.get(name),
    async setCursor(name, value) {
      cursors.set(name, value);
    },
  });
}
