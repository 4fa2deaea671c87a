/**
 * Goes on with a value: at once if it is there, later if it is only promised. An `await` in its place would make every
 * delivery wait for what only a few have to wait for.
 */
export function proceed<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
