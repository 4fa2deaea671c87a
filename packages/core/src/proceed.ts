/**
 * Continues with a value: synchronously if it is there, later if it is a promise. An `await` in its place would make every
 * delivery wait for what only a few have to wait for.
 */
export function proceed<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return isThenable(value) ? value.then(next) : next(value);
}

/** Whether a value is a promise, also one of another realm or of a library that replaces `Promise`. */
export const isThenable = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
