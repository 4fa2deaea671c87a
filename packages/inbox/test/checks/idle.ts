import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createReceiver } from '@blue-webhooks/core';
import { delivery } from '../../src/contract/new-deliveries';
import { createInbox, sqliteStore } from '../../src/index';
import { claim, inFolder, say } from './say';

const IDLE_MS = 30_000;

/** Measures an idle inbox with a backlog that is not due. */
export async function idle(): Promise<void> {
  await inFolder(async (folder) => {
    const store = sqliteStore(join(folder, 'idle.db'));
    await Promise.all(Array.from({ length: 1_000 }, () => store.put(delivery())));
    const retryAt = new Date(Date.now() + 3_600_000);
    const leases = await store.lease({ limit: 1_000, leaseMs: 30_000, findStale: false });
    await Promise.all(leases.map((lease) => store.settle(lease, { type: 'retry', error: 'down', retryAt })));
    const usedMs = async () => {
      const before = process.cpuUsage();
      await sleep(IDLE_MS);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    };
    const without = await usedMs();
    const inbox = createInbox({ receiver: createReceiver({ secret: 'a secret' }), store });
    await inbox.start();
    await sleep(1_000);
    const withInbox = await usedMs();
    await inbox.stop();
    say(
      `  CPU in ${IDLE_MS / 1_000} s: ${without.toFixed(1)} ms without an inbox, ${withInbox.toFixed(1)} ms with one`,
    );
    claim('an idle inbox takes less than half a percent of one core', withInbox - without < IDLE_MS * 0.005);
  });
}
