import { within } from '../within';

/** The connection on which a worker waits for jobs. */
interface Waiting<T> {
  waitForJob(blockSeconds: number): Promise<T | null>;
}

/** Longer than the second after which BullMQ itself replaces a silent connection. */
const LATE_MS = 5_000;

/**
 * Ends every wait for a job in time. BullMQ replaces a silent connection before it continues, which can take forever when a
 * Redis Cluster comes back: its worker would then take no job until the process is restarted. With this timeout it polls for
 * jobs again, as after a wait without a job.
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
