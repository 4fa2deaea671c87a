import type { Report } from '../inbox-event';
import { within } from '../within';
import { type Backend, createEngine, type Engine } from './engine';

/** Opens the engine when it is first needed, and again after it could not be opened or was closed. */
export interface Opening {
  /** To see and mend what is there. */
  open(): Promise<Engine>;
  /**
   * To acknowledge deliveries.
   * @throws Error if they could be lost, unless that is allowed
   */
  openDurable(): Promise<Engine>;
  close(): Promise<void>;
}

/** Settings can be changed while Redis runs. */
const CHECK_EVERY_MS = 10_000;
const CLOSE_WITHIN_MS = 1_000;

interface Opened {
  readonly engine: Engine;
  readonly usable: Promise<unknown>;
  /** Lets nobody wait any longer for it to become usable. */
  abandon(): void;
}

export function createOpening(name: string, backend: Backend, allowLoss: boolean, report: Report): Opening {
  let opened: Opened | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let told: string | undefined;

  const hooks = {
    onError: (error: unknown) => report({ type: 'store-failed', error }),
    onDisconnect: () => {
      checkedAt = Number.NEGATIVE_INFINITY;
    },
  };

  function connect(): Opened {
    const engine = createEngine(name, backend, hooks);
    let abandon = () => {};
    const abandoned = new Promise<never>((_, reject) => {
      abandon = () => reject(new Error('The inbox was stopped before its Redis or PostgreSQL answered.'));
    });
    return { engine, abandon, usable: Promise.race([engine.ready, abandoned]) };
  }

  async function open(): Promise<Engine> {
    opened ??= connect();
    const mine = opened;
    try {
      await mine.usable;
      return mine.engine;
    } catch (error) {
      if (opened === mine) {
        opened = undefined;
        mine.engine.close(true).catch(() => {});
      }
      throw error;
    }
  }

  async function requireDurable(engine: Engine): Promise<void> {
    const now = performance.now();
    if (now - checkedAt < CHECK_EVERY_MS) return;
    const loss = await engine.loss();
    if (loss && !loss.onlyAtPowerCut && !allowLoss) {
      throw new Error(`${loss.reason} To acknowledge deliveries all the same, set allowLoss.`);
    }
    if (loss && loss.reason !== told) report({ type: 'not-durable', reason: loss.reason });
    told = loss?.reason;
    checkedAt = now;
  }

  return {
    open,
    async openDurable() {
      const engine = await open();
      await requireDurable(engine);
      return engine;
    },
    async close() {
      const closing = opened;
      opened = undefined;
      if (!closing) return;
      const { engine, usable, abandon } = closing;
      const answers = await withinMs(
        CLOSE_WITHIN_MS,
        usable.then(() => engine.digests.probe()),
      );
      abandon();
      await withinMs(CLOSE_WITHIN_MS, engine.close(!answers));
    },
  };
}

/** Whether the work has succeeded by then. */
export async function withinMs(ms: number, work: Promise<unknown>): Promise<boolean> {
  const succeeded = work.then(
    () => true,
    () => false,
  );
  return within(ms, succeeded, () => undefined).catch(() => false);
}
