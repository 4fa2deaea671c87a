import { AssertionError } from 'node:assert/strict';

/** Longer than any limit of the contract's receivers, shorter than Blue waits. */
const PATIENCE_MS = 5_000;

/** Resolves with the promise's value, or rejects before a test runner would hang. */
export function within<T>(promise: Promise<T>, awaited: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    const message = `Timed out after ${PATIENCE_MS} ms while waiting for ${awaited}.`;
    timer = setTimeout(() => reject(new AssertionError({ message })), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
