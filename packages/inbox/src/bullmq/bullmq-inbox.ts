import { clearInterval, setInterval } from 'node:timers';
import type { Receiver } from '@blue-webhooks/core';
import { toRawDelivery, toResponse } from '@blue-webhooks/core/adapter';
import { createAccept } from '../accept';
import type { NewDelivery } from '../delivery';
import type { Inbox } from '../inbox';
import { createReporter } from '../inbox-event';
import { createHandle } from '../intake';
import { createLifecycle, type Run } from '../lifecycle';
import { inNeutralContext } from '../neutral-context';
import { flag, requireReceiver, stopTimeoutOf, type WorkOptions, workSettingsOf } from '../settings';
import { type Backend, engineOf } from './backend';
import { isLasting, toBackendError } from './backend-error';
import { isDeliveryId } from './job';
import { createManaging, guarded } from './managing';
import { createOpening } from './opening';
import { createIntake } from './storing';
import { startWork } from './work';

/** An inbox on BullMQ: its receiver, its engine, and how deliveries are worked on. */
export type BullmqInboxOptions = WorkOptions &
  Backend & {
    /** Verifies what arrives, and has the handlers. It needs no ledger and no `deadLetter` here. */
    readonly receiver: Receiver;
    /** The queue's name. Defaults to `blue-inbox`. No colon: BullMQ keeps that for itself. */
    readonly name?: string | undefined;
    /**
     * Acknowledge deliveries although Redis or PostgreSQL loses them when it restarts or is full, and say so to `onEvent`.
     * Unless told, such a one is refused: deliveries are answered 503, and `start` rejects. That a power cut alone can lose
     * the last of them, as with `appendfsync everysec`, is said to `onEvent` and not refused.
     */
    readonly allowLoss?: boolean | undefined;
  };

const PRUNE_EVERY_MS = 3_600_000;

/**
 * An inbox on BullMQ, for any number of processes on any number of machines: deliveries are jobs, whose id is the delivery's.
 * It keeps no order: deliveries of one entity run side by side, and one that is tried again is overtaken by later ones.
 *
 * @example
 * const inbox = bullmqInbox({ receiver, connection: { url: 'redis://localhost:6379' } });
 * @throws TypeError for an invalid option
 */
export function bullmqInbox(options: BullmqInboxOptions): Inbox {
  const receiver = requireReceiver(options?.receiver);
  requireNoOrder(options);
  const allowLoss = flag('allowLoss', options.allowLoss ?? false);
  const name = requireName(options.name ?? 'blue-inbox');
  const openEngine = engineOf(name, options);
  const settings = workSettingsOf(options);
  const report = createReporter(options);
  const opening = createOpening(openEngine, allowLoss, report);
  const intake = createIntake(opening, settings);
  const managing = createManaging(opening.open, settings);
  const put = (delivery: NewDelivery) => guarded(() => intake.put(delivery));
  const handle = createHandle(
    receiver,
    { put, probe: () => guarded(intake.probe) },
    { ordered: false, report, tracing: settings.tracing, byChange: settings.byChange },
  );

  async function begin(signal: AbortSignal): Promise<Run | undefined> {
    const abandon = () => void opening.close(); // ends a wait for a Redis that does not answer
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
    // What can never be stored, such as on a cluster whose keys are on different nodes, is a start that fails; what may
    // pass, such as a full Redis, is not: handling deliveries may be what makes room.
    await intake.probe().catch((error: unknown) => {
      if (isLasting(error)) throw error;
      report({ type: 'store-failed', error: toBackendError(error) });
    });
    const work = await startWork(engine, receiver, settings, report, signal);
    if (!work) return undefined;
    const pruneQuietly = () => managing.prune().catch((error: unknown) => report({ type: 'store-failed', error }));
    const pruneTimer = inNeutralContext(() => setInterval(pruneQuietly, PRUNE_EVERY_MS).unref());
    void pruneQuietly();
    return {
      async stop(timeoutMs) {
        clearInterval(pruneTimer);
        await work.stop(timeoutMs);
      },
    };
  }

  const lifecycle = createLifecycle({ begin: (signal) => guarded(() => begin(signal)), release: opening.close });

  return {
    handle,
    fetch: async (request, ...context) => toResponse(await handle(toRawDelivery(request, ...context))),
    start: lifecycle.start,
    stop: async ({ timeoutMs } = {}) => lifecycle.stop(stopTimeoutOf(timeoutMs)),
    accept: createAccept(put, { ordered: false, report, isId: isDeliveryId }),
    ...managing,
  };
}

function requireName(name: unknown): string {
  if (typeof name === 'string' && name !== '' && !name.includes(':')) return name;
  throw new TypeError('name must be a string without a colon: it is the name of the queue.');
}

/** @throws TypeError for what BullMQ cannot keep: better than a promise that is broken quietly */
function requireNoOrder(options: object): void {
  const { order = 'none', skipStale = false } = options as { order?: unknown; skipStale?: unknown };
  if (order === 'none' && skipStale === false) return;
  throw new TypeError(
    "bullmqInbox keeps no order within an entity: leave order and skipStale out, or use createInbox with sqliteStore('blue-inbox.db').",
  );
}
