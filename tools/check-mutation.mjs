/**
 * `npm run check:long -- mutation [GROUP …]`: StrykerJS changes the stages, the ledger and the adapters in some 1,650 places, one at a
 * time, and the tests have to notice. It writes the changes into the files, so run it in a clone.
 */
import { spawnSync } from 'node:child_process';
import { groups } from './mutation-groups.mjs';

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(groups);
const unknown = chosen.find((name) => !Object.hasOwn(groups, name));
if (unknown) throw new Error(`Unknown group '${unknown}': the groups are ${Object.keys(groups).join(', ')}.`);

const results = chosen.map((name) => {
  const env = { ...process.env, MUTATION_GROUP: name };
  return spawnSync('stryker', ['run', 'tools/config/stryker.config.mjs'], {
    env,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  }).status;
});
process.exitCode = results.every((status) => status === 0) ? 0 : 1;
