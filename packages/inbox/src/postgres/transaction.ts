import { DriverError } from '@blue-webhooks/core/adapter';
import type { TransactionRequest } from '../store';
import { StoreError } from '../store-error';
import { requireNoControl } from '../transaction';
import { addHandled } from './handled';
import { isConflict, type PostgresClient } from './pool';
import type { Schema } from './schema';

/** A transaction in PostgreSQL. */
export interface PostgresTransaction {
  /**
   * Runs a statement in the transaction. BEGIN, COMMIT and ROLLBACK are the inbox's; savepoints are yours.
   * @throws TypeError for one of these
   */
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: Row[]; readonly rowCount: number | null }>;
}

/** How often a transaction runs that PostgreSQL aborts because of another, before that counts as a failure. */
const MAX_TRIES = 3;

/** Runs the work, and stores in the same transaction which handlers have succeeded. */
export async function runTransaction(
  connect: () => Promise<PostgresClient>,
  schema: Schema,
  seq: number,
  request: TransactionRequest<PostgresTransaction>,
): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await runOnce(connect, schema, seq, request);
    } catch (error) {
      if (!isConflict(error) || tries === MAX_TRIES || request.signal.aborted) throw error;
    }
  }
}

async function runOnce(
  connect: () => Promise<PostgresClient>,
  { deliveries }: Schema,
  seq: number,
  { lease, handled, work, signal }: TransactionRequest<PostgresTransaction>,
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
  const step = async (text: string, ...values: unknown[]) => {
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
    const { rows } = await step(addHandled(deliveries), JSON.stringify(handled), seq, lease.token);
    if (rows.length === 0) {
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
