import { type EventTokenAlgorithm, eventTokenAlgorithms, isEventTokenAlgorithm } from './algorithm';
import { type FindKey, findKeyIn, type KeySource } from './key-source';
import type { InsecureOption } from './secure-url';

/** Whose tokens are accepted, and which. */
export interface VerifyEventTokenOptions extends InsecureOption {
  /** Whose tokens are accepted: the issuer's name, to the letter. */
  readonly issuer: string;
  /** Who we are. A token is accepted if it names one of these. */
  readonly audience: string | readonly string[];
  /** Where the issuer's public keys are: the URL of its key set, the set itself, or one key. */
  readonly keys: KeySource;
  /** How old a token may be, in milliseconds. Defaults to a day, for as long as a ledger remembers duplicates. */
  readonly maxAgeMs?: number | undefined;
  /** How wrong clocks may be, in milliseconds. Defaults to 60,000. */
  readonly clockToleranceMs?: number | undefined;
  /** Which algorithms are accepted. Defaults to all four. */
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

/** @throws TypeError for options that are missing or unsafe */
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
    throw new TypeError('audience must be our own name, or a list of names: without it, tokens for others would pass.');
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
