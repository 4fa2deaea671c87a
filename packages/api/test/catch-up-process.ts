/** Catches up into a SQLite file, to be killed at any time: `catch-up-process.ts ENDPOINT FILE SINCE`. */
import { catchUp, createBlueClient, sqliteKnown } from '@blue-webhooks/api';
import Libsql from 'libsql';
import { tokenSecret } from './world';

const [endpoint = '', file = '', since = ''] = process.argv.slice(2);
const database = new Libsql(file);
database.exec('CREATE TABLE IF NOT EXISTS handled (id TEXT PRIMARY KEY, body TEXT NOT NULL)');
const client = createBlueClient({
  tokenId: 'token-1',
  tokenSecret,
  organizationId: 'rogue',
  endpoint,
  requestsPerMinute: 100_000,
});
const report = await catchUp({
  client,
  since: new Date(since),
  projects: 'all',
  known: sqliteKnown(database),
  mode: 'full',
  to: async ({ id, rawBody }) => {
    database.prepare('INSERT OR IGNORE INTO handled (id, body) VALUES (?, ?)').run(id, rawBody);
  },
});
process.stdout.write(JSON.stringify(report));
