import customFieldDeletedOlder from '../samples/custom-field-deleted-older.json';
import recordCreated from '../samples/record-created-documented.json';
import todoCreated from '../samples/todo-created.json';
import todoDoneStatusUpdated from '../samples/todo-done-status-updated.json';
import healthCheck from '../samples/webhook-health-check.json';
import { changedAt, record, webhook } from './fixture-rows';
import type { Payload } from './payload';
import { type Payloads, payloads } from './payloads';
import type { RecordRow } from './rows/record';
import type { WebhookRow } from './rows/webhook';

type Identified = { id: string };
type DoneRecord = { id: string; title: string; done: boolean };

/** From a fixture's name to the type of its payload. */
export interface Fixtures extends Readonly<Omit<Payloads, 'TODO_CREATED' | 'TODO_DONE_STATUS_UPDATED'>> {
  /** As published in 2022, byte for byte: without `previousValue`. */
  readonly TODO_CREATED: Omit<Payload<'TODO_CREATED', null, RecordRow>, 'previousValue'>;
  /** As documented, byte for byte: a record of three fields. */
  readonly TODO_DONE_STATUS_UPDATED: {
    event: 'TODO_DONE_STATUS_UPDATED';
    webhook: Pick<WebhookRow, 'id' | 'uid' | 'url' | 'status' | 'enabled' | 'metadata'>;
    previousValue: DoneRecord;
    currentValue: DoneRecord;
  };
  readonly WEBHOOK_HEALTH_CHECK: { event: 'WEBHOOK_HEALTH_CHECK'; webhook: Omit<WebhookRow, 'createdById'> };
  /** The form that some pages of the documentation show instead of `TODO_CREATED`, byte for byte. */
  readonly RECORD_CREATED: {
    event: 'RECORD_CREATED';
    record: Identified & { title: string };
    company: Identified;
    project: Identified;
    user: Identified;
  };
  /** The older documented form of `CUSTOM_FIELD_DELETED`, byte for byte. */
  readonly CUSTOM_FIELD_DELETED_OLDER: {
    event: 'CUSTOM_FIELD_DELETED';
    projectId: string;
    timestamp: string;
    previousValue: { id: string; name: string; type: string; projectId: string };
    currentValue: null;
  };
  /** An event that is not in the catalogue, as Blue may send in the future. */
  readonly TODO_ARCHIVED: Payload<'TODO_ARCHIVED', RecordRow, RecordRow>;
}

/** The name of a fixture: an event's, `CUSTOM_FIELD_DELETED_OLDER`, or the unknown event `TODO_ARCHIVED`. */
export type FixtureName = keyof Fixtures;

const table: Record<FixtureName, object> = {
  ...payloads,
  TODO_CREATED: todoCreated,
  TODO_DONE_STATUS_UPDATED: todoDoneStatusUpdated,
  WEBHOOK_HEALTH_CHECK: healthCheck,
  RECORD_CREATED: recordCreated,
  CUSTOM_FIELD_DELETED_OLDER: customFieldDeletedOlder,
  TODO_ARCHIVED: {
    event: 'TODO_ARCHIVED',
    webhook,
    previousValue: record,
    currentValue: { ...record, archived: true, updatedAt: changedAt },
  },
};

/**
 * Realistic payloads for each Blue event: database rows with foreign keys and expanded relations, as in the deliveries
 * that Blue has published, which are included verbatim. Every access returns a new copy, so that a test can change it
 * without affecting another test.
 *
 * @example
 * const moved = fixtures.TODO_MOVED;
 * moved.currentValue.title = 'Another title';
 */
export const fixtures = Object.freeze(
  Object.defineProperties(
    {},
    Object.fromEntries(Object.entries(table).map(([name, payload]) => [name, copy(payload)])),
  ),
) as Fixtures;

/** Returns whether there is a fixture with this name. */
export const isFixtureName = (name: string): name is FixtureName => Object.hasOwn(table, name);

function copy(payload: object): PropertyDescriptor {
  return { enumerable: true, get: () => structuredClone(payload) };
}
