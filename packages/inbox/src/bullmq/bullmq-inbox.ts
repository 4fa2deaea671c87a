import { clearInterval, setInterval } from 'node:timers';
import { type Receiver, toRawDelivery, toResponse } from '@blue-webhooks/core';
import type { Inbox } from '../inbox';
import { createTell } from '../inbox-event';
import { createHandle } from '../intake';
import { requireReceiver, type WorkOptions, workSettingsOf } from '../settings';
import { type Backend, engineOf } from './backend';
import { isLasting } from './backend-error';
import { createManaging, guarded } from './managing';
import { createOpening } from './opening';
import { createIntake } from './storing';
import { startWork, type Work } from './work';

/** An inbox on BullMQ: its receiver, its engine, and how deliveries are worked on. */
export type BullmqInboxOptions = WorkOptions &
  Backend & {
    /** Verifies what arrives, and has the handlers. It needs no ledger and no `deadLetter` here. */
    readonly receiver: Receiver;
    /** The queue's name; `blue-inbox` unless told. No colon: BullMQ keeps that for itself. */
    readonly name?: string;
    /**
     * Acknowledge deliveries although Redis or PostgreSQL loses them when it restarts or is full, and say so to `onEvent`.
     * Unless told, such a one is refused: deliveries are answered 503, and `start` rejects. That a power cut alone can lose
     * the last of them, as with `appendfsync everysec`, is said to `onEvent` and not refused.
     */
    readonly allowLoss?: boolean;
  };

const STOP_WITHIN_MS = 10_000;
const PRUNE_EVERY_MS = 3_600_000;

/**
 * An inbox on BullMQ, for any number of processes on any number of machines: deliveries are jobs, whose id is the delivery's.
 * It keeps no order: deliveries of one entity run side by side, and one that is tried again is overtaken by later ones.
 *
 * @example
 * const inbox = bullmqInbox({ receiver, connection: { url: 'redis://localhost:6379' } });
 * @throws TypeError for an option that could not be meant
 */
export function bullmqInbox(options: BullmqInboxOptions): Inbox {
  const receiver = requireReceiver(options?.receiver);
  requireNoOrder(options);
  const { allowLoss = false } = options;
  const name = requireName(options.name ?? 'blue-inbox');
  const openEngine = engineOf(name, options);
  const settings = workSettingsOf(options);
  const tell = createTell(options);
  const opening = createOpening(openEngine, allowLoss, tell);
  const intake = createIntake(opening, settings);
  const managing = createManaging(opening.open, settings);
  let started: Promise<void> | undefined;
  let work: Work | undefined;
  let pruneTimer: NodeJS.Timeout | undefined;

  const handle = createHandle(
    receiver,
    { put: (entry) => guarded(() => intake.put(entry)), probe: () => guarded(intake.probe) },
    { ordered: false, tell },
  );

  async function begin(): Promise<void> {
    const engine = await opening.openDurable();
    // What can never be stored, such as with a cluster whose keys are on different nodes, is a start that fails; what may
    // pass, such as a full Redis, is not: handling deliveries may be what makes room.
    await guarded(intake.probe).catch((error: unknown) => {
      if (isLasting(error)) throw error;
      tell({ type: 'store-failed', error });
    });
    const begun = await startWork(engine, receiver, settings, tell);
    if (!started) return begun.stop(0); // stopped meanwhile
    work = begun;
    const pruneQuietly = () => managing.prune().catch((error: unknown) => tell({ type: 'store-failed', error }));
    pruneTimer = setInterval(pruneQuietly, PRUNE_EVERY_MS).unref();
    void pruneQuietly();
  }

  return {
    handle,
    fetch: async (request) => toResponse(await handle(toRawDelivery(request))),
    async start() {
      started ??= guarded(begin);
      try {
        await started;
      } catch (error) {
        started = undefined;
        await opening.close();
        throw error;
      }
    },
    async stop({ timeoutMs = STOP_WITHIN_MS } = {}) {
      clearInterval(pruneTimer);
      const ending = work;
      started = undefined;
      work = undefined;
      await ending?.stop(timeoutMs);
      await opening.close();
    },
    ...managing,
  };
}

function requireName(name: unknown): string {
  if (typeof name === 'string' && name !== '' && !name.includes(':')) return name;
  throw new TypeError('name must be a text without a colon: it is the name of the queue.');
}

/** @throws TypeError for what BullMQ cannot keep: better than a promise that is broken quietly */
function requireNoOrder(options: object): void {
  const { order = 'none', skipStale = false } = options as { order?: unknown; skipStale?: unknown };
  if (order === 'none' && skipStale === false) return;
  throw new TypeError(
    "bullmqInbox keeps no order within an entity: leave order and skipStale out, or use createInbox with sqliteStore('blue-inbox.db').",
  );
}
