// Measures the libraries in this process's runtime, and prints one JSON object. usage: micro.js [--quick]
import { Buffer } from 'node:buffer';
import { createSecretKey } from 'node:crypto';
import process from 'node:process';
import { verifySignature } from '@blue-webhooks/core/verify';
import { verifyWithFallback } from '@octokit/webhooks-methods';
import { deliveries } from './deliveries.js';
import { interleave } from './rounds.js';
import { floorA, handled, hmacOf, schemes, secret } from './schemes.js';
import { compare } from './statistics.js';

const quick = process.argv.includes('--quick');
const effort = { rounds: quick ? 60 : 250, sliceMs: 3, budgetMs: quick ? 3_000 : 12_000 };
const published = deliveries['2.3 KB'];
const results = [];

async function measure(part, label, tasks, baseline, beforeRound) {
  const samples = await interleave(tasks, { ...effort, beforeRound });
  results.push({ part, label, baseline, tasks: compare(samples, baseline) });
  process.stderr.write('.');
}

/** The tasks of one part, and what renews their signatures. */
async function tasksOf(part, body) {
  const tasks = {};
  const renewals = [];
  for (const [name, scheme] of Object.entries(schemes)) {
    const { renew, [part]: task } = scheme(body);
    renew?.();
    if ((await task()) === false) throw new Error(`${name} does not accept its own signature.`);
    tasks[name] = task;
    if (renew) renewals.push(renew);
  }
  let renewedAt = performance.now();
  const beforeRound = () => {
    if (performance.now() - renewedAt < 10_000) return;
    for (const renew of renewals) renew();
    renewedAt = performance.now();
  };
  return { tasks, beforeRound };
}

for (const [size, body] of Object.entries(deliveries)) {
  const verified = await tasksOf('verify', body);
  await measure('verify', size, verified.tasks, 'floor', verified.beforeRound);
  const received = await tasksOf('receive', body);
  const handle = handled(body);
  if ((await handle()).status !== 204) throw new Error('The receiver does not take the delivery.');
  const tasks = { ...received.tasks, 'receiver.handle': handle };
  await measure('receive', size, tasks, 'floor', received.beforeRound);
}

for (const count of [1, 2, 10]) {
  const secrets = [...Array.from({ length: count - 1 }, (_, place) => `${secret}-${place}`), secret]; // the last one signed
  const signature = hmacOf(published);
  const floors = secrets.map((each) => floorA(published, signature, createSecretKey(Buffer.from(each))));
  const [first, ...others] = secrets;
  await measure(
    'secrets',
    `${count}`,
    {
      floor: () => floors.filter((floor) => floor()).length,
      '@blue-webhooks/core': () => verifySignature({ body: published, signature, secret: secrets }),
      '@octokit/webhooks': () => verifyWithFallback(first, published.toString(), `sha256=${signature}`, others),
    },
    'floor',
  );
}

const forged = hmacOf(published, 'hex', 'somebody else');
const refuse = handled(published, forged);
if ((await refuse()).status !== 401) throw new Error('The receiver takes a forgery.');
await measure(
  'forgery',
  '2.3 KB',
  {
    floor: floorA(published, forged),
    'receiver.handle': refuse,
    'receiver.handle with hooks': handled(published, forged, { onFailure() {}, onOutcome() {} }),
    'receiver.handle, secret function': handled(published, forged, { secret: () => secret }),
    '@octokit/webhooks': () => verifyWithFallback(secret, published.toString(), `sha256=${forged}`, []),
  },
  'floor',
);

process.stdout.write(JSON.stringify(results));
