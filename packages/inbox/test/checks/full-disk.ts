/** Runs on a small disk of its own: fills it, makes space again, and counts. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createReceiver, sign } from '@blue-webhooks/core';
import { eventually } from '../../src/contract/case';
import { createInbox, sqliteStore } from '../../src/index';
import { claim } from './say';

const folder = process.argv[2] ?? '';
const secret = 'a secret';
const handled = new Set<string>();
const receiver = createReceiver({ secret }).on('TODO_MOVED', (_event, { id }) => void handled.add(id));
const inbox = createInbox({ receiver, store: sqliteStore(join(folder, 'inbox.db')), pollMs: 20 });
const ballast = join(folder, 'ballast');

let count = 0;
async function send(event = 'TODO_MOVED'): Promise<{ id: string; status: number }> {
  count += 1;
  const body = JSON.stringify({ event, currentValue: { id: `${count}`, title: 'T', html: 'x'.repeat(20_000) } });
  const signature = await sign(body, secret);
  const request = new Request('http://localhost/', { method: 'POST', body, headers: { 'x-signature': signature } });
  return { id: signature.slice(0, 32), status: (await inbox.fetch(request)).status };
}

const acknowledged: string[] = [];
const statuses = new Set<number>();
async function sendMany(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const { id, status } of await Promise.all(Array.from({ length: 8 }, () => send()))) {
      statuses.add(status);
      if (status === 204) acknowledged.push(id);
    }
  }
}

await inbox.start();
await sendMany(2);
claim('before, all are answered 204', acknowledged.length === 16);
try {
  for (;;) writeFileSync(ballast, Buffer.alloc(4_096), { flag: 'a' });
} catch {
  // The disk is full.
}
await sendMany(20);
claim('then, they are answered 503', statuses.has(503));
claim('and so is a health check', (await send('WEBHOOK_HEALTH_CHECK')).status === 503);
rmSync(ballast);
statuses.clear();
const before = acknowledged.length;
await sendMany(2);
claim('with room again, all are answered 204, without a restart', acknowledged.length === before + 16);
await eventually(() => acknowledged.every((id) => handled.has(id)));
claim(`all ${acknowledged.length} that were acknowledged are handled`, true);
await inbox.stop();
