/**
 * Reads values by key, in batches: while one batch is read, the keys that are requested meanwhile form the next.
 * So every value is read after its request.
 */
export function batched<T>(
  load: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): (key: string) => Promise<T | undefined> {
  let waiting: { readonly keys: Set<string>; readonly values: Promise<ReadonlyMap<string, T>> } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return async (key) => {
    if (!waiting) {
      const keys = new Set<string>();
      const values = last
        .catch(() => {}) // its own callers have received the error
        .then(() => {
          waiting = undefined;
          return load([...keys]);
        });
      waiting = { keys, values };
      last = values;
    }
    waiting.keys.add(key);
    return (await waiting.values).get(key);
  };
}
