// Measures everything, prints the tables, and writes docs/bench. usage: main.js [--quick]
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { prepare, runtimes } from './prepare.js';
import { markdown, plot } from './report.js';

const options = process.argv.slice(2);
const say = (line) => process.stderr.write(`\n${line} `);
const script = (name) => fileURLToPath(new URL(name, import.meta.url));

function run({ command, args }, file) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  const output = execFileSync(command, [...args, script(file), ...options], { stdio, maxBuffer: 2 ** 26 });
  return JSON.parse(output.toString());
}

say('installing, building and packing');
prepare();
const [node, ...others] = runtimes();
const results = {
  machine: {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model ?? 'an unknown processor',
    cores: cpus().length,
    load: loadavg()[0].toFixed(1),
  },
  runtimes: [],
};
for (const runtime of [node, ...others]) {
  say(runtime.id);
  const version = execFileSync(runtime.command, ['--version'], { encoding: 'utf8' }).match(/\d+\.\d+\.\d+/)?.[0];
  const name = `${{ node: 'Node', node24: 'Node', bun: 'Bun', deno: 'Deno' }[runtime.id]} ${version}`;
  results.runtimes.push({ id: runtime.id, name, micro: run(runtime, 'micro.js') });
}
for (const part of ['http', 'startup', 'memory']) {
  say(part);
  results[part] = run(node, `${part}.js`);
}

const folder = new URL('../../docs/bench/', import.meta.url);
mkdirSync(folder, { recursive: true });
const rounded = (_key, value) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value);
writeFileSync(new URL('results.json', folder), JSON.stringify(results, rounded));
writeFileSync(new URL('speed.svg', folder), plot(results));
const text = markdown(results);
writeFileSync(new URL('results.md', folder), text);
const biome = fileURLToPath(new URL('../../node_modules/.bin/biome', import.meta.url));
execFileSync(biome, ['format', '--write', fileURLToPath(folder)], { stdio: 'ignore' });
process.stdout.write(`\n${text}`);
