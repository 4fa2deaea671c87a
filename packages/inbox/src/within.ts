import { clearTimeout, setTimeout, unref } from '#runtime';

/**
 * Settles as the work does or, after that many milliseconds, rejects with what `late` returns; the work continues, and its
 * result is ignored. The timer does not keep the process alive.
 */
export function within<T>(ms: number, work: Promise<T>, late: () => unknown): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = unref(setTimeout(() => reject(late()), ms));
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
