import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInbox, type Inbox, type InboxStore, memoryStore, sqliteStore } from '@blue-webhooks/inbox';
import { type ContractInboxOptions, inboxContract, storeContract } from '@blue-webhooks/inbox/store-contract';
import type { Case } from './case';

type Open = (folder: string) => InboxStore | Promise<InboxStore>;

/** What keeps deliveries here: the memory, and a file, with the driver that the runtime has. */
const stores: Readonly<Record<string, () => Open>> = {
  memoryStore() {
    const store = memoryStore();
    return () => store;
  },
  sqliteStore: () => async (folder) => {
    const path = join(folder, 'inbox.db');
    if (!process.versions.bun) return sqliteStore(path);
    const driver = 'bun:sqlite'; // by a name that only Bun looks up
    const { Database } = await import(driver);
    return sqliteStore(new Database(path));
  },
};

/** Runs a case with stores of its own, in a folder of its own, and cleans up whatever became of it. */
async function inFolder(open: Open, work: (open: () => Promise<InboxStore>) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-inbox-'));
  const opened = new Set<InboxStore>();
  try {
    await work(async () => {
      const store = await open(folder);
      opened.add(store);
      return store;
    });
  } finally {
    for (const store of opened) await store.close();
    rmSync(folder, { recursive: true });
  }
}

/** The contracts of the inbox, where there are Node's modules. */
export const inboxCases: readonly Case[] = Object.entries(stores).flatMap(([name, opener]) => [
  ...storeContract.map(({ title, run }) => ({
    title: `${name}: ${title}`,
    run: () => inFolder(opener(), (open) => run({ open })),
  })),
  ...inboxContract.map(({ title, run }) => ({
    title: `an inbox on ${name}: ${title}`,
    run: () =>
      inFolder(opener(), async (open) => {
        const inboxes: Inbox[] = [];
        const create = async (options: ContractInboxOptions) => {
          const inbox = createInbox({ ...options, store: await open(), pollMs: 20 });
          inboxes.push(inbox);
          return inbox;
        };
        try {
          await run({ create });
        } finally {
          for (const inbox of inboxes) await inbox.stop({ timeoutMs: 0 });
        }
      }),
  })),
]);
