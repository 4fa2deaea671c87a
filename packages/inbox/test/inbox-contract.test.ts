import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'vitest';
import { createInbox, type Inbox, memoryStore, sqliteStore } from '../src/index';
import { inboxContract } from '../src/store-contract';

/** Short, so that one inbox soon finds what another has stored. */
const pollMs = 20;

function stopAfterwards({ onTestFinished }: TestContext, inboxes: readonly Inbox[]): void {
  onTestFinished(async () => {
    for (const inbox of inboxes) await inbox.stop({ timeoutMs: 0 });
  });
}

describe.concurrent('the inbox contract on memoryStore', () => {
  test.for(inboxContract)('$title', ({ run }, context) => {
    const store = memoryStore();
    const inboxes: Inbox[] = [];
    stopAfterwards(context, inboxes);
    return run({
      create(options) {
        const inbox = createInbox({ ...options, store, pollMs });
        inboxes.push(inbox);
        return inbox;
      },
    });
  });
});

describe.concurrent('the inbox contract on sqliteStore', () => {
  test.for(inboxContract)('$title', ({ run }, context) => {
    const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-inbox-'));
    const inboxes: Inbox[] = [];
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    stopAfterwards(context, inboxes);
    return run({
      create(options) {
        const inbox = createInbox({ ...options, store: sqliteStore(join(folder, 'inbox.db')), pollMs });
        inboxes.push(inbox);
        return inbox;
      },
    });
  });
});
