import { type EventTokenAlgorithm, eventTokenAlgorithms, isEventTokenAlgorithm } from './algorithm';
import { type FindKey, findKeyIn, type KeySource } from './key-source';
import type { InsecureOption } from './secure-url';

/** Which tokens are accepted. */
export interface VerifyEventTokenOptions extends InsecureOption {
  /** The issuer whose tokens are accepted; compared exactly. */
  readonly issuer: string;
  /** The recipient's names. A token is accepted if its audience contains one of these. */
  readonly audience: string | readonly string[];
  /** The issuer's public keys: the URL of its key set, the set itself, or one key. */
  readonly keys: KeySource;
  /** The maximum age of a token, in milliseconds. Defaults to a day, for which a ledger recognises duplicates. */
  readonly maxAgeMs?: number | undefined;
  /** The tolerated difference of clocks, in milliseconds. Defaults to 60,000. */
  readonly clockToleranceMs?: number | undefined;
  /** The accepted algorithms. Defaults to all four. */
  readonly algorithms?: readonly EventTokenAlgorithm[] | undefined;
  /** The largest token that is read, in bytes. Defaults to 1 MiB. */
  readonly maxTokenBytes?: number | undefined;
}

/** The options with their defaults. */
export interface Expectation {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly findKey: FindKey;
  readonly maxAgeMs: number;
  readonly clockToleranceMs: number;
  readonly algorithms: readonly EventTokenAlgorithm[];
  readonly maxTokenBytes: number;
}

const DAY_MS = 86_400_000;

/** @throws TypeError if an option is missing or unsafe */
export function expectationOf(options: VerifyEventTokenOptions): Expectation {
  const { issuer, keys, algorithms = eventTokenAlgorithms, maxTokenBytes = 1024 * 1024 } = options;
  const { maxAgeMs = DAY_MS, clockToleranceMs = 60_000 } = options;
  const audience = typeof options.audience === 'string' ? [options.audience] : options.audience;
  if (typeof issuer !== 'string' || issuer === '')
    throw new TypeError('issuer must be the name of the tokens’ issuer.');
  if (
    !Array.isArray(audience) ||
    audience.length === 0 ||
    !audience.every((name) => typeof name === 'string' && name)
  ) {
    throw new TypeError(
      'audience must be the name of the recipient, or a list of names: without it, tokens for others would be accepted.',
    );
  }
  if (algorithms.length === 0 || !algorithms.every(isEventTokenAlgorithm)) {
    throw new TypeError(`algorithms must be some of ${eventTokenAlgorithms.join(', ')}.`);
  }
  for (const [name, value] of Object.entries({
    maxAgeMs,
    maxTokenBytes,
    'clockToleranceMs + 1': clockToleranceMs + 1,
  })) {
    if (!Number.isSafeInteger(value) || value <= 0) throw new TypeError(`${name} must be a positive integer.`);
  }
  return {
    issuer,
    audience,
    findKey: findKeyIn(keys, options),
    maxAgeMs,
    clockToleranceMs,
    algorithms,
    maxTokenBytes,
  };
}
