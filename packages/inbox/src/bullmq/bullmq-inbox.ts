import { clearInterval, setInterval } from 'node:timers';
import type { Receiver } from '@blue-webhooks/core';
import { requireReceiver, toRawDelivery, toResponse } from '@blue-webhooks/core/adapter';
import { createAccept } from '../accept';
import type { NewDelivery } from '../delivery';
import { createHealth } from '../health';
import type { Inbox } from '../inbox';
import { createReporter } from '../inbox-event';
import { createHandle } from '../intake';
import { createLifecycle, type Run } from '../lifecycle';
import { inNeutralContext } from '../neutral-context';
import { flag, stopTimeoutOf, type WorkOptions, workSettingsOf } from '../settings';
import { createStopOnSignal } from '../stop-on-signal';
import { type Backend, engineOf } from './backend';
import { isLasting, toBackendError } from './backend-error';
import { isDeliveryId } from './job';
import { createManaging, guarded } from './managing';
import { createOpening } from './opening';
import { createPausing } from './pausing';
import { createIntake } from './storing';
import { startWork } from './work';

/** Options of an inbox on BullMQ. */
export type BullmqInboxOptions = WorkOptions &
  Backend & {
    /** Verifies deliveries, and has the handlers. Needs no ledger and no `deadLetter` here. */
    readonly receiver: Receiver;
    /** The queue's name. Defaults to `blue-inbox`. Must not contain a colon, which BullMQ reserves. */
    readonly name?: string | undefined;
    /**
     * Acknowledge deliveries although Redis or PostgreSQL can lose them when it restarts or is full, and report that to
     * `onEvent`. Defaults to `false`: deliveries are answered 503, and `start` rejects. If only a power cut can lose the
     * last deliveries, as with `appendfsync everysec`, that is reported to `onEvent` and not refused.
     */
    readonly allowLoss?: boolean | undefined;
  };

const PRUNE_EVERY_MS = 3_600_000;

/**
 * Creates an inbox on BullMQ, for any number of processes on any number of machines: deliveries are jobs, whose id is the
 * delivery's. It keeps no order: deliveries of one entity run concurrently, and later ones can be handled before a retry.
 *
 * @example
 * const inbox = bullmqInbox({ receiver, connection: { url: 'redis://localhost:6379' } });
 * @throws TypeError for an invalid option
 */
export function bullmqInbox(options: BullmqInboxOptions): Inbox {
  const receiver = requireReceiver(options?.receiver);
  requireNoOrder(options);
  requireNoLimits(options);
  const allowLoss = flag('allowLoss', options.allowLoss ?? false);
  const name = requireName(options.name ?? 'blue-inbox');
  const openEngine = engineOf(name, options);
  const settings = workSettingsOf(options);
  const report = createReporter(options);
  const opening = createOpening(openEngine, allowLoss, report);
  const intake = createIntake(opening, settings);
  const { managing, stopReplays } = createManaging(opening.open, settings);
  const pausing = createPausing(opening.open);
  let started = false;
  const put = (delivery: NewDelivery) => guarded(() => intake.put(delivery));
  const handle = createHandle(
    receiver,
    { put, probe: () => guarded(intake.probe) },
    { ordered: false, report, tracing: settings.tracing, byChange: settings.byChange },
  );

  async function begin(signal: AbortSignal): Promise<Run | undefined> {
    const abandon = () => void opening.close(); // ends a wait for a Redis that does not respond
    signal.addEventListener('abort', abandon, { once: true });
    try {
      return await run(signal);
    } catch (error) {
      await opening.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', abandon);
    }
  }

  async function run(signal: AbortSignal): Promise<Run | undefined> {
    const engine = await opening.openDurable();
    // A permanent failure, such as a cluster whose keys are on different nodes, makes the start fail; a temporary one, such
    // as a full Redis, does not: handling deliveries may free memory.
    await intake.probe().catch((error: unknown) => {
      if (isLasting(error)) throw error;
      report({ type: 'store-failed', error: toBackendError(error) });
    });
    const work = await startWork(engine, receiver, settings, report, signal);
    if (!work) return undefined;
    started = true;
    const pruneQuietly = () => managing.prune().catch((error: unknown) => report({ type: 'store-failed', error }));
    const pruneTimer = inNeutralContext(() => setInterval(pruneQuietly, PRUNE_EVERY_MS).unref());
    void pruneQuietly();
    return {
      async stop(timeoutMs) {
        started = false;
        clearInterval(pruneTimer);
        await work.stop(timeoutMs);
      },
    };
  }

  const lifecycle = createLifecycle({ begin: (signal) => guarded(() => begin(signal)), release: opening.close });
  const stop = (timeoutMs: number) => {
    stopReplays();
    return lifecycle.stop(timeoutMs);
  };

  return {
    handle,
    fetch: async (request, ...context) => toResponse(await handle(toRawDelivery(request, ...context))),
    start: lifecycle.start,
    stop: async ({ timeoutMs } = {}) => stop(stopTimeoutOf(timeoutMs)),
    accept: createAccept(put, { ordered: false, report, isId: isDeliveryId }),
    ...managing,
    transaction() {
      throw new TypeError(
        'bullmqInbox has no transactions: use createInbox with sqliteStore(path), or with postgresStore(pool).',
      );
    },
    ...pausing,
    health: createHealth({ ...managing, ...pausing, probe: () => guarded(intake.probe) }, () => started),
    stopOnSignal: createStopOnSignal(stop),
  };
}

function requireName(name: unknown): string {
  if (typeof name === 'string' && name !== '' && !name.includes(':')) return name;
  throw new TypeError('name must be a string without a colon: it is the name of the queue.');
}

/** @throws TypeError for an option that BullMQ cannot support, rather than ignoring it */
function requireNoOrder(options: object): void {
  const { order = 'none', skipStale = false } = options as { order?: unknown; skipStale?: unknown };
  if (order === 'none' && skipStale === false) return;
  throw new TypeError(
    "bullmqInbox keeps no order within an entity: leave order and skipStale out, or use createInbox with sqliteStore('blue-inbox.db').",
  );
}

/** @throws TypeError for limits, which BullMQ has for a whole queue only */
function requireNoLimits(options: object): void {
  if ((options as { limits?: unknown }).limits === undefined) return;
  throw new TypeError(
    "bullmqInbox has no limits by key: leave limits out, or use createInbox with sqliteStore('blue-inbox.db') or postgresStore(pool). One limit for all deliveries is BullMQ's own: queue.setGlobalConcurrency(n), queue.setGlobalRateLimit(n, ms).",
  );
}
