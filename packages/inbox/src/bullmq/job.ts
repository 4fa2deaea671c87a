import type { Job, JobState, JobType } from 'bullmq';
import type { DeliveryState, FullInboxDelivery, InboxDelivery, NewDelivery } from '../delivery';

/** What a job carries: the delivery, of which its id and its event are the job's own. */
export interface JobData {
  readonly entityId: string | null;
  readonly webhookId: string | null;
  readonly receivedAt: number;
  readonly rawBody: string;
  readonly signature: NewDelivery['signature'];
  readonly secretId: string | null;
  /** Absent on jobs of the first version. */
  readonly trace?: string | null;
  /** Given up by hand: whoever takes it next makes it dead. */
  readonly markedDead?: boolean;
  /** How many attempts had been counted when it was replayed, as far as BullMQ does not forget them. */
  readonly countedBefore?: number;
}

/** Begins the id of the job that a health check stores for a moment. */
export const PROBE = 'probe-';

/** Returns whether a job has no delivery: it belongs to a health check. */
export const isProbe = (id: string | undefined): boolean => id?.startsWith(PROBE) ?? false;

/** Returns whether an id can be a delivery's. BullMQ has keys such as `meta` of its own beside those of jobs. */
export const isDeliveryId = (id: string): boolean => /^[0-9a-f]{32}$/.test(id);

/** A delivery as BullMQ knows it. */
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

/** PostgreSQL refuses NUL and halves of surrogate pairs, which escapes in JSON can make: they must not cost an attempt. */
export const storable = (text: string): string => text.replace(/[\p{Cc}\p{Cs}]/gu, '\uFFFD');

/** BullMQ's states by ours. It holds nothing back, and skips nothing. */
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

/** What a worker notes on a job: as its progress, which nobody else writes. */
export interface JobNote {
  /** When the next attempt is due. BullMQ has how long the pause is, not when it ends. */
  readonly retryAt?: number;
  /** The names of the handlers that have succeeded. */
  readonly handled?: readonly string[];
}

const noteOf = ({ progress }: InboxJob): JobNote =>
  typeof progress === 'object' && progress !== null ? (progress as JobNote) : {};

/** The attempts that have ended: those that BullMQ counts, and those whose process went silent, which it counts apart. */
function attemptsEnded({ attemptsMade, stalledCounter, data }: InboxJob): number {
  return Math.max(0, attemptsMade + stalledCounter - (data.countedBefore ?? 0));
}

export function toDelivery(job: InboxJob, state: DeliveryState): InboxDelivery {
  const { id = '', name, data, failedReason, finishedOn, delay } = job;
  const { retryAt } = state === 'waiting' && delay > 0 ? noteOf(job) : {};
  return {
    ...{ id, event: name, state },
    entityId: data.entityId ?? undefined,
    webhookId: data.webhookId ?? undefined,
    receivedAt: new Date(data.receivedAt),
    attempts: attemptsEnded(job) + (state === 'active' ? 1 : 0),
    retryAt: retryAt === undefined ? undefined : new Date(retryAt),
    finishedAt: finishedOn ? new Date(finishedOn) : undefined,
    lastError: failedReason ? failedReason : undefined,
  };
}

export function toFullDelivery(job: InboxJob, state: DeliveryState): FullInboxDelivery {
  const { rawBody, signature, secretId, trace } = job.data;
  const { handled = [] } = state === 'done' ? {} : noteOf(job);
  return {
    ...toDelivery(job, state),
    ...{ rawBody, signature, handled },
    secretId: secretId ?? undefined,
    trace: trace ?? undefined,
  };
}
