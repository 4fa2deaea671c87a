const MAX_NAME_LENGTH = 100;

const names = new WeakMap<object, string>();
const originals = new WeakMap<object, object>();

/**
 * Returns a handler that does what the given one does, under a name.
 * @throws TypeError if the name is not a string of 1 to 100 characters, or begins with `#`
 */
export function named<F extends (...args: never[]) => unknown>(name: unknown, handler: F): F {
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_LENGTH || name.startsWith('#')) {
    throw new TypeError(
      `The name of a handler must be a string of 1 to ${MAX_NAME_LENGTH} characters that does not begin with #.`,
    );
  }
  const copy = wrapping(handler, ((...args: never[]) => handler(...args)) as F);
  names.set(copy, name);
  return copy;
}

/** Notes which handler the user passed, so that `off` finds what was registered in its place. */
export function wrapping<F extends object>(handler: object, wrapper: F): F {
  originals.set(wrapper, originalOf(handler));
  return wrapper;
}

/** Returns the handler as the user passed it. */
export const originalOf = (handler: object): object => originals.get(handler) ?? handler;

/** Returns the name that a handler was given. */
export const nameOf = (handler: object): string | undefined => names.get(handler);
