import { join } from 'node:path';
import { createReceiver, sign } from '@blue-webhooks/core';
import { createInbox, sqliteStore } from '../../src/index';
import { killAll, secret, startProcess } from '../crash/processes';
import { claim, inFolder, quantile, say } from './say';

const ROUNDS = 5;
const ROUND_MS = 3_000;

async function delivery(): Promise<{ body: string; signature: string }> {
  const currentValue = { id: `record ${Math.random()}`, title: 'T', html: 'x'.repeat(2_000) };
  const body = JSON.stringify({ event: 'TODO_MOVED', currentValue });
  return { body, signature: await sign(body, secret) };
}

/** Sends deliveries from that many senders without a pause. Returns how long each answer took. */
async function load(senders: number, send: (body: string, signature: string) => Promise<number>): Promise<number[]> {
  const durations: number[] = [];
  const until = performance.now() + ROUND_MS;
  const one = async () => {
    while (performance.now() < until) {
      const { body, signature } = await delivery();
      const startedAt = performance.now();
      const status = await send(body, signature);
      if (status !== 204) throw new Error(`A delivery was answered ${status}.`);
      durations.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: senders }, one));
  return durations;
}

/** Checks that deliveries share flushes, and how long answers take at full load. */
export async function commits(): Promise<void> {
  await inFolder(async (folder) => {
    const store = sqliteStore(join(folder, 'commits.db'));
    const inbox = createInbox({ receiver: createReceiver({ secret }), store });
    const handle = async (text: string, signature: string) => {
      const body = new TextEncoder().encode(text);
      const header = (name: string) => (name === 'x-signature' ? signature : undefined);
      return (await inbox.handle({ method: 'POST', header, body })).status;
    };
    const rates = { alone: [] as number[], together: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      rates.alone.push(((await load(1, handle)).length * 1_000) / ROUND_MS);
      rates.together.push(((await load(64, handle)).length * 1_000) / ROUND_MS);
    }
    await inbox.stop();
    const [alone, together] = [quantile(rates.alone, 0.5), quantile(rates.together, 0.5)];
    say(`  acknowledged a second, median of ${ROUNDS}: 1 sender ${alone.toFixed()}, 64 senders ${together.toFixed()}`);
    claim(
      `64 senders get ${(together / alone).toFixed(1)} times as many acknowledged as one: at least 5`,
      together >= 5 * alone,
    );
  });
  await inFolder(async (folder) => {
    const options = { path: join(folder, 'load.db'), journal: join(folder, 'journal'), works: true, handlerMs: 5 };
    const { url, stop } = await startProcess(options);
    const post = async (body: string, signature: string) =>
      (await fetch(url, { method: 'POST', body, headers: { 'x-signature': signature } })).status;
    await load(64, post); // warm
    const durations = await load(64, post);
    await stop();
    const p99 = quantile(durations, 0.99);
    say(
      `  over HTTP, worker in the same process: ${((durations.length * 1_000) / ROUND_MS).toFixed()} a second, p50 ${quantile(durations, 0.5).toFixed()} ms, p99 ${p99.toFixed()} ms`,
    );
    claim('the 99th percentile of the answers is below a second', p99 < 1_000);
  }).finally(killAll);
}
