import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilFinished } from './crash-rounds';
import { countEffects, createEffects } from './effects';
import { type Process, startProcess } from './processes';
import { Senders } from './sender';

export interface EffectOptions {
  /** The folder of the journal, and of the SQLite file unless `database` is set. */
  readonly folder: string;
  /** The URL of a PostgreSQL database. */
  readonly database?: string | undefined;
  /** Whether the processes have a ledger; otherwise an inbox. */
  readonly ledger: boolean;
  /** How many times a process is killed. */
  readonly rounds: number;
  readonly onRound?: (round: number, acknowledged: number) => void;
}

export interface EffectReport {
  readonly kills: number;
  /** Those of the kills that hit a process before or after a statement. */
  readonly killsAtStatements: number;
  /** How often a process was suspended for longer than its leases last, and resumed. */
  readonly stalls: number;
  /** How often a process found its lease taken when it was about to commit, or before. */
  readonly refused: number;
  readonly duplicates: number;
  readonly acknowledged: number;
  /** How many rows the table of effects has. */
  readonly effects: number;
  /** Acknowledged deliveries without an effect. */
  readonly lost: number;
  /** Deliveries with more than one effect. */
  readonly repeated: number;
}

const LEASE_MS = 1_000;
const SENDERS = 16;
const STALLS_EVERY = 4;
/** More statements than a round runs before its time is up: then the process is killed from outside. */
const MAX_STATEMENTS = 400;
const MAX_ROUND_MS = 1_500;

/**
 * Two processes handle deliveries that are sent once, twice, and again. In each round one of them is killed, at a random moment or at a
 * random statement, and replaced; in every fourth it is suspended first, until the other has its leases.
 */
export async function effectRounds({
  folder,
  database,
  ledger,
  rounds,
  onRound,
}: EffectOptions): Promise<EffectReport> {
  const path = database ?? join(folder, 'app.db');
  const journal = join(folder, 'journal');
  await createEffects(path);
  const options = { path, journal, works: true, handlerMs: 20, effects: true, ledger, leaseMs: LEASE_MS };
  const processes: Process[] = await Promise.all([startProcess(options), startProcess(options)]);
  const senders = new Senders(SENDERS, { duplicates: 0.1, timeoutMs: LEASE_MS / 2 });
  const use = () => {
    senders.url = processes.map(({ url }) => url);
  };
  use();
  let [stalls, killsAtStatements] = [0, 0];
  for (let round = 1; round <= rounds; round++) {
    const [victim] = processes.splice(round % 2, 1) as [Process];
    if (round % STALLS_EVERY === 0) {
      await victim.stall(LEASE_MS * 1.7);
      stalls += 1;
    }
    await sleep(Math.random() * 100);
    if (Math.random() < 0.5) {
      const died = await Promise.race([
        victim.killAtStatement(1 + Math.floor(Math.random() * MAX_STATEMENTS)).then(() => true),
        sleep(MAX_ROUND_MS, false),
      ]);
      if (died) killsAtStatements += 1;
      else await victim.kill();
    } else await victim.kill();
    processes.splice(round % 2, 0, await startProcess(options));
    use();
    onRound?.(round, senders.acknowledged.length);
  }
  await senders.end();
  if (!ledger) await untilFinished(path);
  for (const process of processes) await process.stop();
  const ids = new Set(senders.acknowledged.map(({ id }) => id));
  const times = await countEffects(path);
  const counts = [...times.values()];
  return {
    kills: rounds,
    killsAtStatements,
    stalls,
    refused: readFileSync(journal, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('refused ')).length,
    duplicates: senders.duplicates,
    acknowledged: ids.size,
    effects: counts.reduce((sum, count) => sum + count, 0),
    lost: [...ids].filter((id) => !times.has(id)).length,
    repeated: counts.filter((count) => count > 1).length,
  };
}
