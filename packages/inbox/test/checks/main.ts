/** Checks that take too long, or depend too much on the machine, for `npm test`: npm run check:long -- inbox [names] */

import { commits } from './commits';
import { crash } from './crash';
import { full } from './full';
import { idle } from './idle';
import { crashPostgres, postgres } from './postgres';
import { rows } from './rows';
import { runtimes } from './runtimes';
import { say } from './say';

const checks: Record<string, () => Promise<void>> = {
  crash,
  commits,
  rows,
  idle,
  full,
  runtimes,
  postgres,
  'crash-postgres': crashPostgres,
};

const named = process.argv.slice(2);
const unknown = named.find((name) => !Object.hasOwn(checks, name));
if (unknown !== undefined) throw new Error(`${unknown} is not one of ${Object.keys(checks).join(', ')}.`);
for (const [name, check] of Object.entries(checks)) {
  if (named.length > 0 && !named.includes(name)) continue;
  say(`\n${name}`);
  await check();
}
