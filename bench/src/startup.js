// Measures the cost of importing each library, and prints one JSON object. usage: startup.js [--quick]
import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { spread } from './statistics.js';

const rounds = process.argv.includes('--quick') ? 5 : 15;
const probe = fileURLToPath(new URL('startup-probe.js', import.meta.url));
const modules = [
  'node:crypto',
  '@blue-webhooks/core/verify',
  '@blue-webhooks/core',
  '@octokit/webhooks-methods',
  '@octokit/webhooks',
  '@line/bot-sdk',
  '@linear/sdk/webhooks',
  'stripe',
  'standardwebhooks',
  'svix',
];

const samples = Object.fromEntries(modules.map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (let turn = 0; turn < modules.length; turn++) {
    const name = modules[(round + turn) % modules.length];
    samples[name].push(JSON.parse(execFileSync(process.execPath, ['--expose-gc', probe, name], { encoding: 'utf8' })));
  }
  process.stderr.write('.');
}
const results = Object.entries(samples).map(([name, taken]) => [
  name,
  Object.fromEntries(['wallMs', 'cpuMs', 'heapBytes'].map((what) => [what, spread(taken.map((each) => each[what]))])),
]);
process.stdout.write(JSON.stringify(Object.fromEntries(results)));
