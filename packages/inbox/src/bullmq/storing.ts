import type { NewDelivery } from '../delivery';
import type { Intake } from '../intake';
import { probeDelivery } from '../probe-delivery';
import type { WorkSettings } from '../settings';
import type { Engine } from './engine';
import { toJobData, toJobName } from './job';
import type { Opening } from './opening';

/** A worker marks deliveries as dead by its own `retry.maxAttempts`, which the process that stores them may not have. */
const ANY_ATTEMPTS = 1_000_000;
/** How long a probe is remembered if it cannot be removed. */
const PROBE_FOR_MS = 60_000;

/** Stores deliveries as jobs whose id is the delivery's. */
export function createIntake(
  { write }: Opening,
  settings: Pick<WorkSettings, 'retentionMs' | 'dedupeMs' | 'cipher'>,
): Intake {
  const { retentionMs, dedupeMs, cipher } = settings;
  const removeOnComplete = { age: Math.ceil(retentionMs / 1_000) };
  return {
    put: (delivery) =>
      write(async (engine) => {
        const { queue, digests } = engine;
        const [remembered, state] = await Promise.all([digests.has(delivery.id), queue.getJobState(delivery.id)]);
        if (remembered) return 'duplicate';
        if (state !== 'unknown' && (await wasStoredBefore(engine, delivery.id, dedupeMs))) return 'duplicate';
        const rawBody = await cipher.seal(delivery.rawBody, { delivery: delivery.id, field: 'body' });
        const isNew = await store(engine, { ...delivery, rawBody }, removeOnComplete, dedupeMs);
        return isNew ? 'stored' : 'duplicate';
      }),
    probe: () =>
      write(async (engine) => {
        const { queue, digests } = engine;
        const delivery = probeDelivery();
        try {
          await store(engine, delivery, true, PROBE_FOR_MS);
        } finally {
          // Not removed while a worker has it, which lets it complete and so removes it.
          await Promise.all([queue.remove(delivery.id), digests.remove(delivery.id)]);
        }
      }),
  };
}

/** Everything that a delivery writes. Returns whether it is new. */
async function store(
  { queue, digests }: Engine,
  delivery: NewDelivery,
  removeOnComplete: boolean | { age: number },
  rememberMs: number,
): Promise<boolean> {
  await queue.add(toJobName(delivery), toJobData(delivery), {
    jobId: delivery.id,
    attempts: ANY_ATTEMPTS,
    backoff: { type: 'inbox' },
    removeOnComplete,
    removeOnFail: removeOnComplete === true,
  });
  // After the job, which keeps its own id from being added twice: before it, a crash in between would lose the delivery.
  return digests.add(delivery.id, rememberMs);
}

/** Returns whether a job outlives the memory of its id, and not: whether it was added by an attempt that then failed. */
async function wasStoredBefore({ queue }: Engine, id: string, dedupeMs: number): Promise<boolean> {
  const job = await queue.getJob(id);
  return job !== undefined && job.data.receivedAt + dedupeMs <= Date.now();
}
