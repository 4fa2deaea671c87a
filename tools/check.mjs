/**
 * `npm run check`: runs the static checks two at a time, and prints the output of those that fail. Names as arguments
 * (`npm run check lint types`) run only these. Plain Node, to start quickly.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';

const root = resolve(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const AT_ONCE = 2;

/** The slowest first, so that none of them is left at the end. */
const together = [
  'package',
  'api',
  'snippets',
  'types',
  'docs',
  'dead',
  'imports',
  'regex',
  'lint',
  'commands:named',
  'words',
];
/** Measures the start of a process, so it runs alone. */
const alone = ['size'];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => ![...together, ...alone].includes(name));
if (unknown.length > 0) {
  console.error(`Unknown check: ${unknown.join(', ')}. The checks are: ${[...together, ...alone].join(', ')}.`);
  process.exit(2);
}
const isAsked = (name) => (asked.length === 0 || asked.includes(name)) && scripts[`check:${name}`] !== undefined;
const failed = [];
const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` };

/** Runs a check, and prints one line if it succeeds. */
function run(name) {
  const startedAt = performance.now();
  return new Promise((done) => {
    const child = spawn(scripts[`check:${name}`], { cwd: root, shell: true, env });
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

for (const name of alone) if (isAsked(name)) await run(name);
const queue = together.filter(isAsked);
const worker = async () => {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) await run(name);
};
await Promise.all(Array.from({ length: AT_ONCE }, worker));
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}. One of them alone: npm run check ${failed[0]}`);
  process.exitCode = 1;
}
