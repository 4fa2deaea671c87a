/** Runs the contracts on one driver, in the runtime that runs this file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInbox, type Inbox, type InboxStore, type SqliteDatabase, sqliteStore } from '../../src/index';
import { inboxContract, storeContract } from '../../src/store-contract';
import { sharedHandle } from './shared-handle';

const [driver = '', module = driver] = process.argv.slice(2);

interface Builtin {
  readonly DatabaseSync: new (path: string) => SqliteDatabase;
}

async function opener(): Promise<(path: string) => string | SqliteDatabase> {
  if (driver === 'path') return (path) => path;
  if (driver === 'node:sqlite') {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite' as 'node:fs') as unknown as Builtin;
    return (path) => new DatabaseSync(path);
  }
  const { default: exported, Database = exported } = await import(module);
  return (path) => new Database(path);
}

const create = await opener();
let passed = 0;
for (const { title, run } of [...storeContract, ...inboxContract] as {
  title: string;
  run(subject: object): unknown;
}[]) {
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-inbox-'));
  const stores: InboxStore[] = [];
  const inboxes: Inbox[] = [];
  const open = () => {
    const store = sqliteStore(create(join(folder, 'inbox.db')));
    stores.push(store);
    return store;
  };
  try {
    await run({
      open,
      create(options: Parameters<typeof createInbox>[0]) {
        const inbox = createInbox({ ...options, store: open(), pollMs: 20 });
        inboxes.push(inbox);
        return inbox;
      },
    });
    passed += 1;
  } catch (error) {
    process.stderr.write(`${title}: ${error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 1;
  }
  for (const inbox of inboxes) await inbox.stop({ timeoutMs: 0 });
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true });
}
if (driver !== 'path') {
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-inbox-'));
  await sharedHandle(create(join(folder, 'shared.db')) as SqliteDatabase);
  rmSync(folder, { recursive: true });
}
process.stdout.write(
  `  ${passed} cases on ${driver}, ${process.versions.bun ? `Bun ${process.versions.bun}` : `Node ${process.versions.node}`}\n`,
);
process.exit();
