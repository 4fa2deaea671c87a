import { clearTimeout, setTimeout } from 'node:timers';

/**
 * Settles as the work does or, after that many milliseconds, rejects with what `late` returns; the work continues, and its
 * result is ignored. The timer does not keep the process alive.
 */
export function within<T>(ms: number, work: Promise<T>, late: () => unknown): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms).unref();
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
