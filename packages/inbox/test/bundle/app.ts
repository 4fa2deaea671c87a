/** An application that is bundled: it opens an inbox with the driver that Node 20 has. */
import { StoreError, sqliteStore } from '../../src/index';

const say = (line: string) => process.stdout.write(`${line}\n`);

Object.assign(process, { getBuiltinModule: undefined }); // as on Node 20
sqliteStore('blue-inbox.db')
  .open()
  .then(
    () => say('opened'),
    (error: unknown) => say(StoreError.is(error) ? `${error.code} ${error.message}` : `other: ${error}`),
  );
