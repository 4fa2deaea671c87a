import { StoreError } from '../store-error';
import { within } from '../within';
import { type InboxJob, type JobNote, toFullDelivery } from './job';

/** What a worker stores of a job while it handles it. */
export interface JobProgress {
  /** Stores the names of all handlers that have succeeded. */
  record(names: readonly string[]): Promise<void>;
  /** Ends recording. */
  end(): void;
  /** Stores when the next attempt is due, and the names that could not be stored before. */
  note(note: JobNote): Promise<void>;
}

/** The timeout for storing a handler's success before the next handler runs. */
const RECORD_WITHIN_MS = 5_000;

/** Stores which handlers of a delivery have succeeded: after each, and again at the end if that has failed. */
export function createProgress(job: InboxJob, storeFailed: (error: unknown) => void): JobProgress {
  let { handled } = toFullDelivery(job, 'active');
  let unwritten = false;
  let over = false;
  const write = async (note: JobNote): Promise<void> => {
    try {
      const late = () =>
        new StoreError('TIMEOUT', 'Redis or PostgreSQL did not store the success of a handler in time.');
      await within(RECORD_WITHIN_MS, job.updateProgress({ handled, ...note }), late);
      unwritten = false;
    } catch (error) {
      storeFailed(error); // the attempt continues; at worst, a handler runs again
    }
  };
  return {
    async record(names: readonly string[]): Promise<void> {
      if (over) return;
      handled = names;
      unwritten = true;
      await write({});
    },
    end(): void {
      over = true; // a handler that ignores its signal no longer affects this attempt
    },
    async note(note: JobNote): Promise<void> {
      if (unwritten || note.retryAt !== undefined) await write(note);
    },
  };
}
