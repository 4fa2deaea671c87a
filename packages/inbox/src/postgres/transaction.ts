import { DriverError } from '@blue-webhooks/core/adapter';
import { StoreError } from '../store-error';
import { requireNoControl } from '../transaction';
import { isConflict, type PostgresClient } from './pool';

/** A transaction in PostgreSQL. */
export interface PostgresTransaction {
  /**
   * Runs a statement in the transaction. It must not be BEGIN, COMMIT or ROLLBACK; savepoints are yours.
   * @throws TypeError for one of these
   */
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: Row[]; readonly rowCount: number | null }>;
}

/** How often a transaction runs that PostgreSQL aborts because of another, before that counts as a failure. */
const MAX_TRIES = 3;

/** Runs a statement on the connection of the transaction. */
export type Step = (text: string, ...values: unknown[]) => Promise<{ readonly rows: unknown[] }>;

/** What runs in a transaction, and what is stored with it. */
export interface TransactionWork {
  readonly work: (tx: PostgresTransaction) => unknown;
  /** Stores the success of the work. Resolves to `false` if the lease was lost. */
  readonly conclude: (step: Step) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** Runs the work, and stores its success in the same transaction. Returns `false` if the lease was lost. */
export async function runInTransaction(
  connect: () => Promise<PostgresClient>,
  request: TransactionWork,
): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await runOnce(connect, request);
    } catch (error) {
      if (!isConflict(error) || tries === MAX_TRIES || request.signal.aborted) throw error;
    }
  }
}

async function runOnce(
  connect: () => Promise<PostgresClient>,
  { work, conclude, signal }: TransactionWork,
): Promise<boolean> {
  const unlessAborted = untilAborted(signal);
  const connecting = (async () => connect())();
  const client = await unlessAborted(connecting).catch((error: unknown) => {
    connecting.then(
      (late) => late.release(),
      () => {},
    );
    throw signal.aborted ? error : DriverError.from(error);
  });
  client.on?.('error', ignore); // the next query fails, too
  let isOpen = true;
  let isOver = false;
  const step: Step = async (text, ...values) => {
    try {
      return await unlessAborted(client.query(text, values));
    } catch (error) {
      throw signal.aborted ? error : DriverError.from(error);
    }
  };
  const tx = {
    async query(text: string, values?: readonly unknown[]) {
      if (isOver) throw new Error('The transaction has ended: await every query before the handler returns.');
      requireNoControl(text);
      return client.query(text, values === undefined ? undefined : [...values]);
    },
  } as PostgresTransaction;
  const rollBack = async () => {
    await step('ROLLBACK');
    isOpen = false;
  };
  try {
    await step('BEGIN');
    await unlessAborted(Promise.resolve().then(() => work(tx)));
    isOver = true;
    if (!(await conclude(step))) {
      await rollBack();
      return false;
    }
    await step('COMMIT').catch((cause: unknown) => {
      throw new StoreError('COMMIT_UNKNOWN', 'The connection ended before PostgreSQL had confirmed the commit.', {
        cause,
      });
    });
    isOpen = false;
    return true;
  } catch (error) {
    isOver = true;
    if (!signal.aborted && !StoreError.is(error)) await rollBack().catch(() => {});
    throw error;
  } finally {
    // A client whose transaction is still open is closed, by which the server rolls back.
    client.off?.('error', ignore);
    client.release(isOpen);
  }
}

const ignore = (): void => {};

/** Returns a function that waits for work until the signal aborts, and then rejects with its reason. */
function untilAborted(signal: AbortSignal): <T>(work: Promise<T>) => Promise<T> {
  return (work) =>
    new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
}
