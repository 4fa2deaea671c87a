import { DEFAULT_LEASE_MS, DEFAULT_TTL_MS, type LedgerOptions } from './ledger';

/**
 * Returns the times of a ledger, complete.
 * @throws TypeError if the options are not an object, or a time is not a positive integer
 */
export function ledgerTimes(
  ledger: string,
  options: LedgerOptions,
): { readonly ttlMs: number; readonly leaseMs: number } {
  requireOptions(ledger, options);
  const { ttlMs = DEFAULT_TTL_MS, leaseMs = DEFAULT_LEASE_MS } = options;
  requirePositive({ ttlMs, leaseMs });
  return { ttlMs, leaseMs };
}

/** @throws TypeError if the options of a function are not an object */
function requireOptions(name: string, options: unknown): void {
  if (typeof options === 'object' && options !== null) return;
  throw new TypeError(`The options of ${name} must be an object, or left out.`);
}

/** @throws TypeError naming the first number that is not a positive integer */
export function requirePositive(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isSafeInteger(value) || value <= 0) throw new TypeError(`${name} must be a positive integer.`);
  }
}
