import { kindOf } from '@blue-webhooks/core/adapter';
import type { KnownEntity, KnownStore } from './known';

/**
 * Returns a store that rejects arguments of another type with a `TypeError`, before a driver gets them: some end the process for a
 * value that they cannot bind.
 */
export function checkedKnown(store: KnownStore): KnownStore {
  return {
    list: async (kind, projectId) => store.list(requireText('kind', kind), requireText('projectId', projectId)),
    get: async (kind, ids) =>
      store.get(
        requireText('kind', kind),
        requireList('ids', ids).map((id) => requireText('id', id as string)),
      ),
    put: async (entities) => store.put(requireList('entities', entities).map(requireEntity)),
    cursor: async (name) => store.cursor(requireText('name', name)),
    setCursor: async (name, value) => store.setCursor(requireText('name', name), requireText('value', value)),
  };
}

function requireEntity(entity: unknown): KnownEntity {
  if (typeof entity !== 'object' || entity === null) {
    throw new TypeError(`An entity must be an object, got ${kindOf(entity)}.`);
  }
  const { kind, id, projectId, parentId, deletedAtMs, row } = entity as KnownEntity;
  for (const [name, value] of Object.entries({ kind, id, projectId })) requireText(name, value);
  if (parentId !== undefined) requireText('parentId', parentId);
  if (deletedAtMs !== undefined && !Number.isSafeInteger(deletedAtMs)) {
    throw new TypeError(`deletedAtMs must be an integer, got ${kindOf(deletedAtMs)}.`);
  }
  if (typeof row !== 'object' || row === null) throw new TypeError(`row must be an object, got ${kindOf(row)}.`);
  return entity as KnownEntity;
}

function requireText<Text extends string>(name: string, value: Text): Text {
  if (typeof value === 'string') return value;
  throw new TypeError(`${name} must be a string, got ${kindOf(value)}.`);
}

/** Returns a list without holes. */
function requireList(name: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return Array.from(value as unknown[]);
  throw new TypeError(`${name} must be an array, got ${kindOf(value)}.`);
}
