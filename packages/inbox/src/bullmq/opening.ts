import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../inbox-event';
import { inNeutralContext } from '../neutral-context';
import { StoreError } from '../store-error';
import { within } from '../within';
import type { OpenEngine } from './backend';
import { isReadOnly, toBackendError } from './backend-error';
import type { Engine } from './engine';

/** Opens the engine when it is first needed, and again after it failed to open, has ended or was closed. */
export interface Opening {
  /** Opens it to list and change stored deliveries. */
  open(): Promise<Engine>;
  /**
   * Opens it to acknowledge deliveries.
   * @throws StoreError if they could be lost, unless that is allowed
   */
  openDurable(): Promise<Engine>;
  /**
   * Writes a delivery before it is acknowledged, and retries while the server is a replica, as after a failover.
   * @throws StoreError if the server does not respond in time
   */
  write<T>(work: (engine: Engine) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Settings can be changed while Redis runs. */
const CHECK_EVERY_MS = 10_000;
const CLOSE_WITHIN_MS = 1_000;
/** Shorter than the timeout of a delivery, so that the reason is reported. */
const WRITE_WITHIN_MS = 5_500;
/** How long a delivery waits for a connection to the new primary. */
const FAIL_OVER_WITHIN_MS = 4_000;
const WRITE_AGAIN_MS = 200;

interface Opened {
  readonly engine: Engine;
  readonly usable: Promise<unknown>;
  /** Ends the wait for it to become usable. */
  abandon(): void;
}

export function createOpening(openEngine: OpenEngine, allowLoss: boolean, report: Report): Opening {
  let opened: Opened | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let reported: string | undefined;

  const hooks = {
    onError: (error: unknown) => report({ type: 'store-failed', error: toBackendError(error) }),
    onDisconnect: () => {
      checkedAt = Number.NEGATIVE_INFINITY;
    },
  };

  function connect(): Opened {
    const engine = inNeutralContext(() => openEngine(hooks));
    let abandon = () => {};
    const abandoned = new Promise<never>((_, reject) => {
      abandon = () =>
        reject(new StoreError('STOPPED', 'The inbox was stopped before its Redis or PostgreSQL responded.'));
    });
    return { engine, abandon, usable: Promise.race([engine.ready, abandoned]) };
  }

  function drop(dropped: Opened): void {
    if (opened === dropped) opened = undefined;
    dropped.engine.close(true).catch(() => {});
  }

  async function open(): Promise<Engine> {
    if (opened?.engine.ended) drop(opened);
    opened ??= connect();
    const mine = opened;
    try {
      await mine.usable;
      return mine.engine;
    } catch (error) {
      if (opened === mine) drop(mine);
      throw error;
    }
  }

  async function requireDurable(engine: Engine): Promise<void> {
    const now = performance.now();
    if (now - checkedAt < CHECK_EVERY_MS) return;
    const loss = await engine.loss();
    if (loss && !loss.onlyAtPowerCut && !allowLoss) {
      throw new StoreError(
        'NOT_DURABLE',
        `${loss.reason} To acknowledge deliveries that can be lost, set allowLoss to true.`,
      );
    }
    if (loss && loss.reason !== reported) report({ type: 'not-durable', reason: loss.reason });
    reported = loss?.reason;
    checkedAt = now;
  }

  async function openDurable(): Promise<Engine> {
    const engine = await open();
    await requireDurable(engine);
    return engine;
  }

  async function writeToPrimary<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    const giveUpAt = performance.now() + FAIL_OVER_WITHIN_MS;
    for (;;) {
      const engine = await openDurable();
      try {
        const result = await work(engine);
        await openDurable(); // this may be another Redis than the one that was checked
        return result;
      } catch (error) {
        if (!isReadOnly(error) || performance.now() > giveUpAt) throw error;
        engine.reconnect();
        await sleep(WRITE_AGAIN_MS);
      }
    }
  }

  return {
    open,
    openDurable,
    write: (work) =>
      within(WRITE_WITHIN_MS, writeToPrimary(work), () => {
        opened?.engine.reconnect();
        return new StoreError('TIMEOUT', `Redis or PostgreSQL did not respond within ${WRITE_WITHIN_MS} ms.`);
      }),
    async close() {
      const closing = opened;
      opened = undefined;
      if (!closing) return;
      const { engine, usable, abandon } = closing;
      const answers = await withinMs(
        CLOSE_WITHIN_MS,
        usable.then(() => engine.digests.has('')),
      );
      abandon();
      await withinMs(CLOSE_WITHIN_MS, engine.close(!answers));
    },
  };
}

/** Returns whether the work succeeds within the time. */
export async function withinMs(ms: number, work: Promise<unknown>): Promise<boolean> {
  const succeeded = work.then(
    () => true,
    () => false,
  );
  return within(ms, succeeded, () => undefined).catch(() => false);
}
