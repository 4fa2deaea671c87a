import type { DeliveryFilter, Inbox } from '@blue-webhooks/inbox';
import { CommandError } from '../command-error';
import type { Context } from '../context';

/** The options of `inbox replay`. */
export interface ReplayRequest {
  readonly perSecond: number | undefined;
  readonly dryRun: boolean;
  readonly finishedBefore: Date | undefined;
  readonly json: boolean;
}

const deliveries = (count: number): string => `${count} ${count === 1 ? 'delivery' : 'deliveries'}`;

/** Replays deliveries, or counts them, and prints the result. Returns the exit code: 1 if there are none. */
export async function replayDeliveries(
  inbox: Inbox,
  selection: readonly string[] | DeliveryFilter,
  { perSecond, dryRun, finishedBefore, json }: ReplayRequest,
  { out, err, signal }: Context,
): Promise<number> {
  if (dryRun) {
    const count = await inbox.replay(selection, { dryRun, finishedBefore });
    if (json) out.json({ wouldReplay: count });
    else out.line(`${deliveries(count)} would be handled again. Nothing was changed.`);
    return count > 0 ? 0 : 1;
  }
  const since = finishedBefore ?? new Date();
  const again = `run the same command with --finished-before ${since.toISOString()}`;
  if (perSecond !== undefined && !json) err.line(`To continue after an interruption, ${again}.`);
  let progress = { replayed: 0, remaining: 0, total: 0 };
  try {
    const replayed = await inbox.replay(
      selection,
      perSecond === undefined && finishedBefore === undefined
        ? undefined
        : {
            perSecond,
            finishedBefore,
            signal,
            onProgress(now) {
              progress = now;
              if (!json) err.progress(`${now.total - now.remaining}/${now.total} replayed, ${perSecond} per second`);
            },
          },
    );
    err.progress('');
    if (json) out.json({ replayed });
    else out.line(`${deliveries(replayed)} will be handled again when a process runs this inbox.`);
    return replayed > 0 ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) throw error;
    err.progress('');
    throw new CommandError(
      `Interrupted: ${deliveries(progress.replayed)} were replayed, ${progress.remaining} are left. To continue, ${again}.`,
      1,
    );
  }
}
