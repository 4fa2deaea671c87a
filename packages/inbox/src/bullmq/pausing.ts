import type { Inbox } from '../inbox';
import { newPause, requireScope } from '../pause-options';
import type { Pause } from '../pauses';
import type { Engine, InboxQueue } from './engine';
import { guarded } from './managing';

/** Pauses a queue for all its workers, with BullMQ's own pause. */
export type Pausing = Pick<Inbox, 'pause' | 'resume' | 'paused'>;

/** The field of the queue's metadata that keeps the reason. */
const FIELD = 'blue-pause';

export function createPausing(open: () => Promise<Engine>): Pausing {
  return {
    async pause(options) {
      const { event, webhookId, reason, by = null, since } = newPause(options);
      if (event !== undefined || webhookId !== undefined) {
        throw new TypeError(
          "bullmqInbox pauses all deliveries or none: leave event and webhookId out, or use createInbox with sqliteStore('blue-inbox.db') or postgresStore(pool).",
        );
      }
      await guarded(async () => {
        const { queue } = await open();
        await queue.getBackend().setQueueMeta({ [FIELD]: JSON.stringify({ reason, by, since: since.getTime() }) });
        await queue.pause();
      });
    },
    async resume(scope = {}) {
      const { event, webhookId } = requireScope(scope);
      if (event !== undefined || webhookId !== undefined) return false;
      return guarded(async () => {
        const { queue } = await open();
        const wasPaused = await queue.isPaused();
        await queue.resume();
        await queue.getBackend().removeQueueMetaFields([FIELD]);
        return wasPaused;
      });
    },
    paused: () => guarded(async () => readPause((await open()).queue)),
  };
}

async function readPause(queue: InboxQueue): Promise<readonly Pause[]> {
  if (!(await queue.isPaused())) return [];
  const text = await queue.getBackend().getQueueMetaField(FIELD);
  // Without the field, another tool for BullMQ has paused the queue.
  const { reason, by, since } = text
    ? (JSON.parse(text) as { reason: string; by: string | null; since: number })
    : { reason: 'Paused with another tool for BullMQ.', by: null, since: Date.now() };
  return [{ event: undefined, webhookId: undefined, reason, by: by ?? undefined, since: new Date(since) }];
}
