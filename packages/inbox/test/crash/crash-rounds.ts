import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEffects, effectsOf } from './effects';
import { type Findings, findingsOf } from './journal';
import { type Process, startProcess } from './processes';
import { Senders } from './sender';
import { storeAt } from './store-at';

export interface CrashOptions {
  /** The folder of the handlers' journal, and of the inbox's file unless `database` is set. */
  readonly folder: string;
  /** The URL of a PostgreSQL database. */
  readonly database?: string | undefined;
  readonly rounds: number;
  /** How many deliveries at least are acknowledged before the kill of a round. */
  readonly perRound: number;
  /** Which process is killed: one that receives and works, or one of two workers beside a receiver. */
  readonly victim: 'receiver' | 'worker';
  /** How many senders deliver without a pause. Defaults to 32. */
  readonly senders?: number;
  readonly onRound?: (round: number, acknowledged: number) => void;
  /** Whether the children insert into the table `effects`, which is counted. */
  readonly effects?: boolean | undefined;
}

export interface CrashReport extends Findings {
  readonly acknowledged: number;
  /** How many rows there are in `effects` per delivery: each number of rows that occurs. */
  readonly effectsEach: readonly number[];
}

/** Kills the victim at random moments under load, and reports what became of the acknowledged deliveries. */
export async function crashRounds(crash: CrashOptions): Promise<CrashReport> {
  const { folder, rounds, perRound, victim, senders: count = 32, onRound, effects } = crash;
  const path = crash.database ?? join(folder, 'inbox.db');
  const journal = join(folder, 'journal');
  const options = { path, journal, works: true, handlerMs: 40, effects };
  if (effects) await createEffects(path);
  const others: Process[] = [];
  if (victim === 'worker') {
    const receiver = { ...options, works: false };
    others.push(...(await Promise.all([receiver, options].map(startProcess))));
  }

  const senders = new Senders(count);
  // On a busy machine no handler may be running when the victim dies: then further rounds follow.
  const nothingCutShort = () => findingsOf(journal, []).cutShort === 0;
  for (let round = 1; round <= rounds || (round <= 3 * rounds && nothingCutShort()); round++) {
    const process = await startProcess(options);
    senders.url = (others[0] ?? process).url;
    const enough = senders.acknowledged.length + perRound;
    while (senders.acknowledged.length < enough) await sleep(5);
    await sleep(Math.random() * 50);
    await process.kill();
    onRound?.(round, senders.acknowledged.length);
  }
  const last = await startProcess(options);
  senders.url = (others[0] ?? last).url;
  await senders.end();
  await untilFinished(path);
  for (const process of [last, ...others]) await process.stop();
  const ids = senders.acknowledged.map(({ id }) => id);
  const effectsEach = effects ? await effectsOf(path, ids) : [];
  return { acknowledged: ids.length, effectsEach, ...findingsOf(journal, senders.acknowledged) };
}

/** Resolves when the inbox at a place has nothing left to handle. */
export async function untilFinished(path: string): Promise<void> {
  const store = storeAt(path);
  for (;;) {
    const { held, waiting, active } = await store.stats();
    if (held + waiting + active === 0) return store.close();
    await sleep(50);
  }
}
