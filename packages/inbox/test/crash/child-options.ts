export const secret = 'a secret of the crash tests';

export interface ChildOptions {
  /** The inbox's file, or the URL of its database. */
  readonly path: string;
  /** The file in which handlers record when they begin and end. */
  readonly journal: string;
  /** Whether the process handles stored deliveries. */
  readonly works: boolean;
  /** How long a handler takes at most, in milliseconds. */
  readonly handlerMs: number;
  /** Whether a transaction handler inserts the id of each delivery into the table `effects`. */
  readonly effects?: boolean | undefined;
  /** Receives with a ledger instead of an inbox. Implies `effects`. */
  readonly ledger?: boolean | undefined;
  /** Defaults to 3,000. */
  readonly leaseMs?: number | undefined;
}
