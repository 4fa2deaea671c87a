import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../services/free-port';
import { newDelivery } from './deliveries';
import type { ProcessTask } from './process';

export interface KillOptions {
  readonly backend: object;
  readonly rounds: number;
  /** Acknowledged in each round. */
  readonly deliveries: number;
  readonly leaseMs: number;
  onRound?(round: number, acknowledged: number): void;
}

export interface KillReport {
  readonly acknowledged: number;
  readonly kills: number;
  /** Handlers that were cut off by a kill. */
  readonly cutOff: number;
  /** Acknowledged, and run to a good end more than once. */
  readonly repeated: number;
  /** Acknowledged, and never run to a good end. */
  readonly lost: readonly string[];
  /** In the hands of two processes at the same time. */
  readonly overlapping: readonly string[];
}

interface Member {
  readonly child: ChildProcess;
  readonly ready: Promise<unknown>;
  readonly ended: Promise<unknown>;
  readonly journal: string;
  killedAt: bigint;
}

interface Run {
  readonly begins: bigint;
  readonly ends: bigint;
  readonly how: 'ends' | 'aborts' | 'killed';
}

const SENDERS = 16;
const script = fileURLToPath(new URL('process.ts', import.meta.url));

/**
 * A receiver and two workers under load, of which in each round one, some or all are killed at a random moment and started
 * again. Deliveries are sent as Blue sends them: again until they are acknowledged.
 */
export async function killRounds(options: KillOptions): Promise<KillReport> {
  const { backend, rounds, deliveries, leaseMs, onRound } = options;
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-kill-'));
  const port = await freePort();
  const members: Member[] = [];
  const acknowledged = new Set<string>();
  let wanted = 0;
  let kills = 0;
  let over = false;

  function start(task: Pick<ProcessTask, 'port'>): Member {
    const journal = join(folder, `${members.length}`);
    const argument: ProcessTask = { backend, leaseMs, journal, ...task };
    const child = fork(script, [JSON.stringify(argument)], {
      execArgv: ['--import', 'tsx', '--conditions=@blue-webhooks/source'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const ready = Promise.race([new Promise((resolve) => child.once('message', resolve)), ended]);
    const member = { child, ready, ended, journal, killedAt: 0n };
    members.push(member);
    return member;
  }

  async function kill(member: Member): Promise<void> {
    if (member.killedAt !== 0n) return;
    kills += 1;
    member.child.kill('SIGKILL');
    await member.ended;
    member.killedAt = process.hrtime.bigint();
  }

  async function send(): Promise<void> {
    while (!over) {
      if (acknowledged.size >= wanted) {
        await sleep(5);
        continue;
      }
      const { id, text, signature } = await newDelivery();
      while (!over && (await post(text, signature)) !== 204) await sleep(20);
      if (!over) acknowledged.add(id);
    }
  }

  const post = (body: string, signature: string) =>
    fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body, headers: { 'x-signature': signature } }).then(
      ({ status }) => status,
      () => undefined,
    );

  const until = async (done: () => boolean) => {
    while (!done()) await sleep(5);
  };

  try {
    let receiver = start({ port });
    let workers = [start({}), start({})];
    await Promise.all([receiver, ...workers].map(({ ready }) => ready));
    const sending = Array.from({ length: SENDERS }, send);
    for (let round = 1; round <= rounds; round++) {
      const moment = wanted + Math.ceil((0.1 + 0.8 * Math.random()) * deliveries);
      wanted += deliveries;
      await until(() => acknowledged.size >= moment);
      const first = workers.slice(0, 1);
      const victims = [[receiver, ...first], first, [receiver], [receiver, ...workers]][(round - 1) % 4] ?? [];
      await Promise.all(victims.map(kill));
      if (victims.includes(receiver)) receiver = start({ port });
      workers = workers.map((worker) => (victims.includes(worker) ? start({}) : worker));
      await until(() => acknowledged.size >= wanted);
      onRound?.(round, acknowledged.size);
    }
    await Promise.all(workers.map(({ ready }) => ready));
    await untilHandled(acknowledged, members, leaseMs);
    const killsUnderLoad = kills;
    over = true;
    await Promise.all([...sending, ...members.map(kill)]);
    return { ...judge(acknowledged, runsOf(members)), kills: killsUnderLoad };
  } finally {
    over = true;
    await Promise.all(members.map(kill));
    rmSync(folder, { recursive: true });
  }
}

/** Waits until all have been handled, or until nothing more can come: a lease is missed after two of BullMQ's looks. */
async function untilHandled(acknowledged: ReadonlySet<string>, members: readonly Member[], leaseMs: number) {
  let left = Number.POSITIVE_INFINITY;
  for (let giveUpAt = 0; left > 0; ) {
    const handled = new Set([...runsOf(members)].flatMap(([id, runs]) => (runs.some(isGood) ? [id] : [])));
    const now = [...acknowledged].filter((id) => !handled.has(id)).length;
    if (now < left) giveUpAt = performance.now() + 5 * leaseMs + 5_000;
    if (performance.now() > giveUpAt) return;
    left = now;
    await sleep(100);
  }
}

const isGood = ({ how }: Run) => how === 'ends';

/** By delivery, what each process noted; what it did not end, ended with it. */
function runsOf(members: readonly Member[]): Map<string, Run[]> {
  const runs = new Map<string, Run[]>();
  for (const { journal, killedAt } of members) {
    if (!existsSync(journal)) continue;
    const open = new Map<string, bigint>();
    const add = (id: string, ends: bigint, how: Run['how']) => {
      const begins = open.get(id) ?? ends;
      open.delete(id);
      runs.set(id, [...(runs.get(id) ?? []), { begins, ends, how }]);
    };
    for (const line of readFileSync(journal, 'utf8').split('\n')) {
      const [id, what, at] = line.split(' ');
      if (id === undefined || at === undefined) continue;
      if (what === 'begins') open.set(id, BigInt(at));
      else add(id, BigInt(at), what as Run['how']);
    }
    if (killedAt !== 0n) for (const id of open.keys()) add(id, killedAt, 'killed');
  }
  return runs;
}

function judge(acknowledged: ReadonlySet<string>, runs: ReadonlyMap<string, readonly Run[]>) {
  const good = (id: string) => (runs.get(id) ?? []).filter(isGood).length;
  const overlapping = [...runs].flatMap(([id, list]) => {
    const sorted = [...list].sort((a, b) => (a.begins < b.begins ? -1 : 1));
    return sorted.some((run, i) => i > 0 && run.begins < (sorted[i - 1]?.ends ?? 0n)) ? [id] : [];
  });
  return {
    acknowledged: acknowledged.size,
    cutOff: [...runs.values()].flat().filter(({ how }) => how === 'killed').length,
    repeated: [...acknowledged].filter((id) => good(id) > 1).length,
    lost: [...acknowledged].filter((id) => good(id) === 0),
    overlapping,
  };
}
