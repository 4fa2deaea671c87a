import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { type InboxStore, memoryStore, sqliteStore } from '../src/index';
import { type StoreUnderTest, storeContract } from '../src/store-contract';
import { drivers } from './drivers';

describe.concurrent('the store contract on memoryStore', () => {
  test.for(storeContract)('$title', ({ run }) => {
    const store = memoryStore();
    return run({ open: () => store });
  });
});

describe.concurrent.each(drivers)('the store contract on sqliteStore with $name', ({ create }) => {
  test.for(storeContract)('$title', ({ run }, { onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-inbox-'));
    const opened: InboxStore[] = [];
    const subject: StoreUnderTest = {
      open() {
        const store = sqliteStore(create(join(folder, 'inbox.db')));
        opened.push(store);
        return store;
      },
    };
    onTestFinished(async () => {
      for (const store of opened) await store.close();
      rmSync(folder, { recursive: true });
    });
    return run(subject);
  });
});
