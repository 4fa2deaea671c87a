import type { Fixtures } from '../fixtures';
import { fixtures } from '../fixtures';
import type { PayloadOf, RowOf, SubscribableEvent } from '../payload';
import { payloads } from '../payloads';
import { isSubscribable } from './subscription';

type OlderShape = 'TODO_CREATED' | 'RECORD_CREATED' | 'CUSTOM_FIELD_DELETED';

/** Blue does not document the members of `lastUpdatedActor` and `reactions`. */
const newerColumns = {
  TODO_MOVED: {
    completedAt: null,
    archivedAt: null,
    dueDateGranularity: 'DAY',
    coverLocked: false,
    lastUpdatedActor: { type: 'USER', id: 'claksl2ye0000vtas0h0ln71e' },
    todoLists: [{ id: 'clakt9v5t000kvt64f563l90l' }],
  },
  COMMENT_CREATED: { parentId: null, replies: [], reactions: [], deletedAt: null },
  CUSTOM_FIELD_CREATED: { type: 'ROLLUP' },
  TODO_CHECKLIST_ITEM_CREATED: { createdById: null, createdBy: null },
} as const;

/** Payloads that are genuine but unusual, for `blue.emit(…)` and `signedRequest(…)`: a receiver must acknowledge each. */
export const oddities = Object.freeze({
  /**
   * An event that is not in the catalogue, as Blue may send in the future.
   * @throws TypeError if it is in the catalogue
   */
  unknownEvent(name = 'TODO_ARCHIVED') {
    if (isSubscribable(name)) throw new TypeError('unknownEvent needs a name that is not in the catalogue.');
    return { ...fixtures.TODO_ARCHIVED, event: name };
  },

  /** An event whose entity has a documented field of another type than documented: `updatedAt` as a number. */
  driftedField(name: SubscribableEvent) {
    const payload = structuredClone(payloads[name]) as { event: string } & Record<string, unknown>;
    const entity = (payload.currentValue ?? payload.previousValue) as { updatedAt: unknown };
    entity.updatedAt = 1_768_213_841_507;
    return payload;
  },

  /** One of the shapes that Blue has published before: without `previousValue`, with `record`, with `timestamp`. */
  olderShape(name: OlderShape): Fixtures[OlderShape | 'CUSTOM_FIELD_DELETED_OLDER'] {
    return fixtures[name === 'CUSTOM_FIELD_DELETED' ? 'CUSTOM_FIELD_DELETED_OLDER' : name];
  },

  /**
   * An event whose entity has the columns that Blue's newest pages name, and this version perhaps does not. `webhook` has the
   * six members of the newest published sample.
   */
  newerColumns(name: keyof typeof newerColumns) {
    const payload = structuredClone(payloads[name]);
    const { id, uid, url, status, enabled, metadata } = payload.webhook;
    const currentValue = { ...payload.currentValue, ...newerColumns[name] };
    return { ...payload, webhook: { id, uid, url, status, enabled, metadata }, currentValue };
  },

  /**
   * A record's creation with a description that makes the body at least `bytes` bytes large.
   * @throws TypeError if `bytes` is not a positive integer
   */
  largeBody(bytes: number): PayloadOf<'TODO_CREATED'> {
    if (!Number.isSafeInteger(bytes) || bytes < 1) throw new TypeError('bytes must be a positive integer.');
    const payload = structuredClone(payloads.TODO_CREATED);
    const record: RowOf['record'] = payload.currentValue;
    record.html = `<p>${'Lorem ipsum dolor sit amet. '.repeat(Math.ceil(bytes / 28))}</p>`;
    return payload;
  },
});
