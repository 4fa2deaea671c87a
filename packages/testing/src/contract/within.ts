import { AssertionError } from 'node:assert/strict';

/** Longer than any limit of the contract's receivers, shorter than Blue waits. */
const PATIENCE_MS = 5_000;

/** What is promised, unless it takes so long that a test runner would be left hanging. */
export function within<T>(promise: Promise<T>, awaited: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    const message = `Waited ${PATIENCE_MS} ms in vain for ${awaited}.`;
    timer = setTimeout(() => reject(new AssertionError({ message })), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
