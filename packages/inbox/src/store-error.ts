import { branded, DriverError } from '@blue-webhooks/core/adapter';

/**
 * Why a store cannot be used:
 * - `NO_FILE`: there is no file at the path, and none may be created.
 * - `NOT_AN_INBOX`: the file is another program's database, or not a database.
 * - `NEWER_INBOX`: a newer version of this package wrote it, or the tables of the ledger.
 * - `READ_ONLY`: the store was opened to be read, or is a replica.
 * - `TIMEOUT`: it did not respond in time.
 * - `IN_TRANSACTION`: the application keeps a transaction open on the database handle that it shares with the inbox.
 * - `NOT_WAL`: a database handle does not use a write-ahead log, or cannot.
 * - `NOT_PRIVATE`: others can read the file, and this process may not change that.
 * - `FILE_REPLACED`: the file was deleted or replaced while it was open.
 * - `CANNOT_OPEN`: SQLite cannot open the file; the message says why.
 * - `NO_DRIVER`: no SQLite driver can be loaded.
 * - `NOT_DURABLE`: Redis or PostgreSQL can lose what it has confirmed.
 * - `REFUSED`: Redis or PostgreSQL refuses the user, the password or what the user does.
 * - `MISCONFIGURED`: the connection cannot work as it is set up.
 * - `STOPPED`: the inbox was stopped before the store answered.
 * - `LEASE_LOST`: another process has the delivery of a transaction, of which nothing was committed.
 * - `COMMIT_UNKNOWN`: the connection ended during a commit. The next attempt finds out whether it was committed.
 * - `UNHANDLED`: with `unhandled: 'retry'`: this version has no handler for the event.
 * - `MALFORMED`: a stored delivery was edited by hand, or stored by another program, and cannot be read. It is a dead letter.
 * - `KEY_MISSING`: a delivery is encrypted with a key that `encrypt.keys` does not have.
 * - `NOT_DECRYPTED`: the key that a delivery names does not decrypt it, or its row was changed.
 * - `NOT_ERASED`: deliveries were deleted, but their bytes are still in the write-ahead log: erase them again.
 */
export type StoreErrorCode =
  | 'NO_FILE'
  | 'NOT_AN_INBOX'
  | 'NEWER_INBOX'
  | 'READ_ONLY'
  | 'TIMEOUT'
  | 'IN_TRANSACTION'
  | 'NOT_WAL'
  | 'NOT_PRIVATE'
  | 'FILE_REPLACED'
  | 'CANNOT_OPEN'
  | 'NO_DRIVER'
  | 'NOT_DURABLE'
  | 'REFUSED'
  | 'MISCONFIGURED'
  | 'STOPPED'
  | 'LEASE_LOST'
  | 'COMMIT_UNKNOWN'
  | 'UNHANDLED'
  | 'MALFORMED'
  | 'KEY_MISSING'
  | 'NOT_DECRYPTED'
  | 'NOT_ERASED';

const brand = Symbol.for('@blue-webhooks/inbox/StoreError');

/** Why a store refuses to work, with a code to decide by. Errors of a database driver are a `DriverError` instead. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;
  readonly [brand] = true;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Returns whether a value is a `StoreError`, also one of another copy of this package. */
  static is(error: unknown): error is StoreError {
    return branded(error, brand);
  }
}

/** Returns what a store threw, without what its driver attached: the arguments of a statement contain the body. */
export function storeErrorOf(error: unknown): StoreError | DriverError {
  if (!StoreError.is(error)) return DriverError.from(error);
  const { code, message, cause } = error; // of a store of your own, the cause can be a driver's error
  if (cause === undefined || DriverError.is(cause)) return error;
  return new StoreError(code, message, { cause: DriverError.from(cause) });
}
