import { inspect } from 'node:util';
import { DriverError } from '@blue-webhooks/core/adapter';
import { expect, vi } from 'vitest';
import { StoreError } from '../../src/index';

/** Returns every string that printing, serialising or walking an error shows. */
export function textsOf(value: unknown): string {
  const json = () => {
    try {
      return JSON.stringify(value, Object.getOwnPropertyNames(value ?? {}));
    } catch (error) {
      return String(error);
    }
  };
  const { message, stack, cause } = (value ?? {}) as Error;
  return [
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    ...[json(), JSON.stringify(value), String(value), message, stack],
    ...(cause === undefined ? [] : [textsOf(cause)]),
  ].join('\n');
}

/** Fails for an error that is not from this package, and for one that contains any of the secrets. */
export function expectClean(error: unknown, secrets: readonly string[]): void {
  expect(StoreError.is(error) || error instanceof DriverError, textsOf(error)).toBe(true);
  const texts = textsOf(error);
  for (const secret of secrets) expect(texts).not.toContain(secret);
}

/** What is printed while a test runs. */
export function capturePrinted(): () => string {
  const lines: string[] = [];
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...parts) => void lines.push(parts.map(String).join(' ')));
  }
  const write = process.stderr.write.bind(process.stderr);
  vi.spyOn(process.stderr, 'write').mockImplementation(((chunk: unknown, ...rest: never[]) => {
    lines.push(String(chunk));
    return write(chunk as string, ...rest);
  }) as typeof process.stderr.write);
  return () => lines.join('\n');
}
