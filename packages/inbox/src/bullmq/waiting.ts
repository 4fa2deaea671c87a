import { within } from '../within';

/** What a worker waits with until a job is due. */
interface Waiting<T> {
  waitForJob(blockSeconds: number): Promise<T | null>;
}

/** More than the second after which BullMQ itself replaces a connection that is silent. */
const LATE_MS = 5_000;

/**
 * Ends every wait for a job in time. BullMQ replaces a silent connection before it goes on, which can take for ever when a
 * Redis Cluster comes back: its worker would then take no job until the process is restarted. With this it looks for jobs
 * again, as it does after a wait in which none came.
 */
export function limitWaiting<T>(backend: Waiting<T>, onLate: () => void): void {
  const wait = backend.waitForJob.bind(backend);
  backend.waitForJob = (blockSeconds) => {
    let late = false;
    return within(blockSeconds * 1_000 + LATE_MS, wait(blockSeconds), () => {
      late = true;
    }).catch((error: unknown) => {
      if (!late) throw error;
      onLate();
      return null;
    });
  };
}
