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
  /** Given up by hand: whoever takes it next makes it dead. */
  readonly markedDead?: boolean;
  /** How many attempts had been counted when it was replayed, as far as BullMQ does not forget them. */
  readonly countedBefore?: number;
}

/** A delivery as BullMQ knows it. */
export type InboxJob = Job<JobData, void>;

export const toJobName = ({ event }: NewDelivery): string => storable(event);

export function toJobData({ entityId, webhookId, receivedAt, rawBody, signature, secretId }: NewDelivery): JobData {
  return {
    entityId: entityId === undefined ? null : storable(entityId),
    webhookId: webhookId === undefined ? null : storable(webhookId),
    receivedAt: receivedAt.getTime(),
    rawBody,
    signature,
    secretId: secretId ?? null,
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

/** What is noted on a job that is to be tried again. BullMQ itself tells how long the pause is, not when it ends. */
export interface RetryNote {
  readonly retryAt: number;
}

/** The attempts that have ended: those that BullMQ counts, and those whose process went silent, which it counts apart. */
function attemptsEnded({ attemptsMade, stalledCounter, data }: InboxJob): number {
  return Math.max(0, attemptsMade + stalledCounter - (data.countedBefore ?? 0));
}

export function toDelivery(job: InboxJob, state: DeliveryState): InboxDelivery {
  const { id = '', name, data, failedReason, finishedOn, delay, progress } = job;
  const note = state === 'waiting' && delay > 0 ? (progress as Partial<RetryNote>) : {};
  return {
    ...{ id, event: name, state },
    entityId: data.entityId ?? undefined,
    webhookId: data.webhookId ?? undefined,
    receivedAt: new Date(data.receivedAt),
    attempts: attemptsEnded(job) + (state === 'active' ? 1 : 0),
    retryAt: note.retryAt === undefined ? undefined : new Date(note.retryAt),
    finishedAt: finishedOn ? new Date(finishedOn) : undefined,
    lastError: failedReason ? failedReason : undefined,
  };
}

export function toFullDelivery(job: InboxJob, state: DeliveryState): FullInboxDelivery {
  const { rawBody, signature, secretId } = job.data;
  return {
    ...toDelivery(job, state),
    rawBody,
    signature,
    secretId: secretId ?? undefined,
    trace: undefined,
    handled: [],
  };
}
