/** Runs the contracts' cases about arguments on a handle of libsql, whichever driver the runtime uses for a path. */
import Libsql from 'libsql';
import { createInbox, type Inbox, sqliteStore } from '../../src/index';
import { inboxContract, storeContract } from '../../src/store-contract';

const [path = ''] = process.argv.slice(2);
let count = 0;
const open = () => {
  count += 1;
  return sqliteStore(new Libsql(`${path}.${count}`));
};
const aboutArguments = ({ title }: { title: string }) => /argument of another type|unusual string/.test(title);
for (const { run } of storeContract.filter(aboutArguments)) await run({ open });
const inboxes: Inbox[] = [];
for (const { run } of inboxContract.filter(aboutArguments)) {
  await run({
    create(options) {
      const inbox = createInbox({ ...options, store: open() });
      inboxes.push(inbox);
      return inbox;
    },
  });
}
// After the application has closed the handle, too.
const database = new Libsql(`${path}.closed`);
const closed = sqliteStore(database);
await closed.open();
database.close();
for (const call of [() => closed.stats(), () => closed.get('x'), () => closed.list({}), () => closed.probe()]) {
  const message = await call().then(
    () => 'it resolved',
    (error: Error) => error.name,
  );
  if (message !== 'StoreError' && message !== 'DriverError') throw new Error(message);
}
for (const inbox of inboxes) await inbox.stop();
process.stdout.write('alive\n');
