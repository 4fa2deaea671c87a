import { isObject } from '@blue-webhooks/core/adapter';
import type { Job, JobState, JobType } from 'bullmq';
import type { DeliveryState, FullInboxDelivery, InboxDelivery, NewDelivery } from '../delivery';

/** The data of a job: the delivery, without its id and its event, which are the job's id and name. */
export interface JobData {
  readonly entityId: string | null;
  readonly webhookId: string | null;
  readonly receivedAt: number;
  readonly rawBody: string;
  readonly signature: NewDelivery['signature'];
  readonly secretId: string | null;
  /** Absent on jobs of the first version. */
  readonly trace?: string | null;
  /** Marked as dead: the next worker that takes it makes it a dead letter. */
  readonly markedDead?: boolean;
  /** How many attempts had been counted when it was replayed, unless BullMQ has reset them. */
  readonly countedBefore?: number;
}

/** The prefix of the id of the temporary job that a health check stores. */
export const PROBE = 'probe-';

/** Returns whether a job has no delivery: it belongs to a health check. */
export const isProbe = (id: string | undefined): boolean => id?.startsWith(PROBE) ?? false;

/** Returns whether an id can be a delivery's. BullMQ has its own keys, such as `meta`, next to those of jobs. */
export const isDeliveryId = (id: string): boolean => /^[0-9a-f]{32}$/.test(id);

/** A delivery as a BullMQ job. */
export type InboxJob = Job<JobData, void>;

export const toJobName = ({ event }: NewDelivery): string => storable(event);

export function toJobData(delivery: NewDelivery): JobData {
  const { entityId, webhookId, receivedAt, rawBody, signature, secretId, trace } = delivery;
  return {
    entityId: entityId === undefined ? null : storable(entityId),
    webhookId: webhookId === undefined ? null : storable(webhookId),
    receivedAt: receivedAt.getTime(),
    rawBody,
    signature,
    secretId: secretId ?? null,
    trace: trace === undefined ? null : storable(trace),
  };
}

/** PostgreSQL refuses NUL and halves of surrogate pairs, which escapes in JSON can contain: they must not cost an attempt. */
export const storable = (text: string): string => text.replace(/[\p{Cc}\p{Cs}]/gu, '\uFFFD');

/** BullMQ's states for each state of the inbox. BullMQ neither holds nor skips deliveries. */
export const jobTypes = {
  waiting: ['waiting', 'delayed', 'prioritized'],
  active: ['active'],
  dead: ['failed'],
  done: ['completed'],
  held: [],
  skipped: [],
} as const satisfies Record<DeliveryState, readonly JobType[]>;

export function stateOf(state: JobState | 'unknown'): DeliveryState | undefined {
  const found = Object.entries(jobTypes).find(([, types]) => (types as readonly string[]).includes(state));
  return found?.[0] as DeliveryState | undefined;
}

/** What a worker stores on a job, as its progress, which nothing else writes. */
export interface JobNote {
  /** When the next attempt is due. BullMQ stores the delay, not its end. */
  readonly retryAt?: number;
  /** The names of the handlers that have succeeded. */
  readonly handled?: readonly string[];
}

const noteOf = ({ progress }: InboxJob): JobNote =>
  typeof progress === 'object' && progress !== null ? (progress as JobNote) : {};

/** Another program can add a job with any data. */
export const dataOf = ({ data }: InboxJob): Partial<JobData> => (isObject(data) ? data : {});

/** What of a job cannot be read. */
function malformedIn({ rawBody, signature }: Partial<JobData>): string | undefined {
  if (typeof rawBody !== 'string') return 'its body is missing';
  if (signature === undefined || !signatures.includes(signature)) return 'its `signature` is unknown';
  return undefined;
}

const signatures: readonly NewDelivery['signature'][] = ['verified', 'unsigned', 'backfill'];

/** The attempts that have ended: those that BullMQ counts, and those whose process died, which it counts separately. */
function attemptsEnded(job: InboxJob): number {
  const { attemptsMade, stalledCounter } = job;
  return Math.max(0, attemptsMade + stalledCounter - (dataOf(job).countedBefore ?? 0));
}

export function toDelivery(job: InboxJob, state: DeliveryState): InboxDelivery {
  const { id = '', name, failedReason, finishedOn, delay, timestamp } = job;
  const { entityId, webhookId, receivedAt = timestamp } = dataOf(job);
  const { retryAt } = state === 'waiting' && delay > 0 ? noteOf(job) : {};
  return {
    id,
    event: name,
    state,
    entityId: entityId ?? undefined,
    webhookId: webhookId ?? undefined,
    receivedAt: new Date(receivedAt),
    attempts: attemptsEnded(job) + (state === 'active' ? 1 : 0),
    retryAt: retryAt === undefined ? undefined : new Date(retryAt),
    finishedAt: finishedOn ? new Date(finishedOn) : undefined,
    lastError: failedReason ? failedReason : undefined,
  };
}

export function toFullDelivery(job: InboxJob, state: DeliveryState): FullInboxDelivery {
  const data = dataOf(job);
  const { rawBody, signature = 'unsigned', secretId, trace } = data;
  const { handled = [] } = state === 'done' ? {} : noteOf(job);
  const malformed = malformedIn(data);
  return {
    ...toDelivery(job, state),
    rawBody: typeof rawBody === 'string' ? rawBody : '',
    signature,
    handled,
    secretId: secretId ?? undefined,
    trace: trace ?? undefined,
    ...(malformed !== undefined && { malformed }),
  };
}
