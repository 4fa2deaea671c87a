/**
 * Checks that take too long, or depend too much on the machine, for `npm test`: npm run check:long -- inbox [names] [--rounds N].
 * `--rounds` (default 20) is how many times `crash` and `crash-postgres` kill an inbox, and a ledger, to count effects; with it they do only that.
 */
import { parseArgs } from 'node:util';
import { count } from '@blue-webhooks/core/adapter';
import { commits } from './commits';
import { crash } from './crash';
import { full } from './full';
import { idle } from './idle';
import { crashPostgres, postgres } from './postgres';
import { rows } from './rows';
import { runtimes } from './runtimes';
import { say } from './say';

const checks: Record<string, (rounds: number | undefined) => Promise<void>> = {
  crash,
  commits,
  rows,
  idle,
  full,
  runtimes,
  postgres,
  'crash-postgres': crashPostgres,
};

const { positionals: named, values } = parseArgs({ allowPositionals: true, options: { rounds: { type: 'string' } } });
const rounds = values.rounds === undefined ? undefined : count('--rounds', Number(values.rounds));
const unknown = named.find((name) => !Object.hasOwn(checks, name));
if (unknown !== undefined) throw new Error(`${unknown} is not one of ${Object.keys(checks).join(', ')}.`);
for (const [name, check] of Object.entries(checks)) {
  if (named.length > 0 && !named.includes(name)) continue;
  say(`\n${name}`);
  await check(rounds);
}
