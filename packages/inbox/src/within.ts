import { clearTimeout, setTimeout } from 'node:timers';

/**
 * Settles as the work does or, after so many milliseconds, rejects with what `late` makes; the work goes on unheard. Waiting
 * for it alone keeps no process alive.
 */
export function within<T>(ms: number, work: Promise<T>, late: () => unknown): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms).unref();
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
