import type { Tell } from '../inbox-event';
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

export function createOpening(name: string, backend: Backend, allowLoss: boolean, tell: Tell): Opening {
  let opened: Engine | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let told: string | undefined;

  const hooks = {
    onError: (error: unknown) => tell({ type: 'store-failed', error }),
    onDisconnect: () => {
      checkedAt = Number.NEGATIVE_INFINITY;
    },
  };

  async function open(): Promise<Engine> {
    opened ??= createEngine(name, backend, hooks);
    const engine = opened;
    try {
      await engine.ready;
      return engine;
    } catch (error) {
      if (opened === engine) {
        opened = undefined;
        engine.close(true).catch(() => {});
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
    if (loss && loss.reason !== told) tell({ type: 'not-durable', reason: loss.reason });
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
      const engine = opened;
      opened = undefined;
      if (!engine) return;
      const answers = await withinMs(
        CLOSE_WITHIN_MS,
        engine.ready.then(() => engine.digests.probe()),
      );
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
