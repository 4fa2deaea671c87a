/**
 * `npm run check`: runs the static checks two at a time, and prints the output of those that fail. Names run only these
 * (`npm run check -- lint types`), and options are passed on (`npm run check -- api --update`). Plain Node, to start quickly.
 */
import process from 'node:process';
import { start } from './command.mjs';

const AT_ONCE = 2;

/** The slowest first, so that none of them is left at the end. */
const together = {
  package: 'tsx tools/check-package.ts',
  api: 'tsx tools/api.ts',
  snippets: 'tsx tools/check-snippets.ts',
  types: 'tsc --project tsconfig.json',
  docs: 'typedoc --options tools/config/typedoc.json --emit none',
  dead: 'knip --config tools/config/knip.jsonc --no-config-hints',
  imports: 'depcruise --config tools/config/dependency-cruiser.cjs packages examples',
  regex: 'tsx tools/check-regex.ts',
  lint: 'biome check --error-on-warnings .',
  commands: 'tsx tools/check-commands.ts',
  words: 'tsx tools/check-words.ts',
};
/** Measures the start of a process, so it runs alone. */
const alone = { size: 'tsx tools/check-size.ts' };
const checks = { ...together, ...alone };

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = asked.filter((name) => !Object.hasOwn(checks, name));
if (unknown.length > 0) {
  console.error(`Unknown check: ${unknown.join(', ')}. The checks are: ${Object.keys(checks).join(', ')}.`);
  process.exit(2);
}
const isAsked = (name) => asked.length === 0 || asked.includes(name);
const failed = [];

/** Runs a check, and prints one line if it succeeds. */
function run(name) {
  const startedAt = performance.now();
  return new Promise((done) => {
    const child = start([checks[name], ...options].join(' '));
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    child.on('close', (code) => {
      const took = `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
      if (code === 0) console.log(`${name}: ${said.trim().split('\n').at(-1) || 'ok'} (${took})`);
      else {
        failed.push(name);
        console.error(`${said.trim()}\n${name}: failed (${took})`);
      }
      done();
    });
  });
}

for (const name of Object.keys(alone)) if (isAsked(name)) await run(name);
const queue = Object.keys(together).filter(isAsked);
const worker = async () => {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) await run(name);
};
await Promise.all(Array.from({ length: AT_ONCE }, worker));
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}. One of them alone: npm run check -- ${failed[0]}`);
  process.exitCode = 1;
}
