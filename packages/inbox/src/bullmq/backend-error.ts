import { DriverError } from '@blue-webhooks/core/adapter';
import { StoreError, type StoreErrorCode } from '../store-error';

interface Known {
  /** Matches the message or the code of the driver's error. */
  readonly pattern: RegExp;
  readonly code: StoreErrorCode;
  readonly message: string;
}

/** The failures that last until a setting is changed, and the fix. */
const lasting: readonly Known[] = [
  {
    pattern: /\bCROSSSLOT\b/,
    code: 'MISCONFIGURED',
    message:
      "Redis is a cluster and keeps the keys of the inbox on different nodes: set prefix to '{bull}', in braces.",
  },
  {
    pattern: /\bMOVED \d/,
    code: 'MISCONFIGURED',
    message:
      "Redis is a cluster and the connection is to one of its nodes: pass a Cluster client of ioredis, and a prefix in braces such as '{bull}'.",
  },
  {
    pattern: /\bWRONGPASS\b|\binvalid password\b/,
    code: 'REFUSED',
    message: 'Redis refuses the user name or the password of the connection.',
  },
  {
    pattern: /\bNOAUTH\b/,
    code: 'REFUSED',
    message: 'Redis requires a password, and the connection has none.',
  },
  {
    pattern: /\bNOPERM\b|\buser executing the script can't\b/,
    code: 'REFUSED',
    message: 'The Redis user may not run the commands of BullMQ, or not on the keys of the inbox: change its ACL.',
  },
  {
    pattern: /\bDB index is out of range\b/,
    code: 'MISCONFIGURED',
    message:
      'Redis has no database of the number that the connection names: a cluster has only 0, others 0 to 15 by default.',
  },
  {
    pattern: /could not load the optional 'ioredis'/,
    code: 'MISCONFIGURED',
    message: 'The Redis client is missing: npm install ioredis.',
  },
  {
    pattern: /could not load the optional 'pg'/,
    code: 'MISCONFIGURED',
    message: 'The PostgreSQL client is missing: npm install pg.',
  },
  {
    pattern: /^28(P01|000)$/,
    code: 'REFUSED',
    message: 'PostgreSQL refuses the user name or the password of the connection.',
  },
  {
    pattern: /^42501$/,
    code: 'REFUSED',
    message:
      'The PostgreSQL user may not create or change the tables of the inbox: grant it the rights on their schema.',
  },
  {
    pattern: /^3D000$/,
    code: 'MISCONFIGURED',
    message: 'The database that the connection names does not exist in PostgreSQL.',
  },
];

const readOnly: Known = {
  pattern: /\bREADONLY\b|^25006$/,
  code: 'READ_ONLY',
  message: 'The server is read-only, as a replica is: the connection must lead to the primary.',
};

/**
 * Converts an error of BullMQ or a driver to an error without commands, values, passwords and URLs: a `StoreError` with the
 * fix, or a `DriverError`.
 */
export function toBackendError(error: unknown): StoreError | DriverError {
  if (StoreError.is(error) || error instanceof DriverError) return error;
  const cause = DriverError.from(error);
  const known = find([...lasting, readOnly], error);
  return known ? new StoreError(known.code, known.message, { cause }) : cause;
}

/** Returns whether the server refuses to write because it is a replica. */
export function isReadOnly(error: unknown): boolean {
  return StoreError.is(error) ? error.code === 'READ_ONLY' : find([readOnly], error) !== undefined;
}

/** Returns whether another connection may reach a server that works: the current one is a replica, or does not respond. */
export function needsReconnect(error: Error): boolean {
  return isReadOnly(error) || /\b(UNBLOCKED|MASTERDOWN)\b|Command timed out/.test(error.message);
}

/** Returns whether only a changed setting ends the failure. */
export function isLasting(error: unknown): boolean {
  if (StoreError.is(error)) return ['MISCONFIGURED', 'REFUSED', 'NOT_DURABLE'].includes(error.code);
  return find(lasting, error) !== undefined;
}

function find(failures: readonly Known[], error: unknown): Known | undefined {
  const texts = [textOf(error, 'message'), textOf(error, 'code')];
  return failures.find(({ pattern }) => texts.some((text) => pattern.test(text)));
}

function textOf(error: unknown, key: 'message' | 'code'): string {
  const text = (error as Record<string, unknown> | null | undefined)?.[key];
  return typeof text === 'string' ? text.slice(0, 1_000) : '';
}
