// Measures the memory that deliveries retain and that a large one needs, and prints one JSON object. usage: memory.js [--quick]
import { Buffer } from 'node:buffer';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { deliveries, ofSize } from './deliveries.js';
import { handled, hmacOf } from './schemes.js';
import { spread } from './statistics.js';

const quick = process.argv.includes('--quick');
const total = quick ? 100_000 : 1_000_000;
const steps = 10;

const handle = handled(deliveries['2.3 KB']);
const heapBytes = [await deliver(20_000)]; // after the first ones, which fill the caches
for (let step = 0; step < steps; step++) {
  heapBytes.push(await deliver(total / steps));
  process.stderr.write('.');
}

/** Two records of 5 MiB: one with a long text, which is a string more to hold, and one with 14,000 comments, which are objects. */
const bodies = { text: longText(5 * 1024 * 1024), comments: ofSize(5 * 1024 * 1024 - 1024) };
const peaks = {};
if (process.platform === 'linux') {
  for (const [name, body] of Object.entries(bodies)) {
    for (const [framework, route] of [
      ['express', 'bare'],
      ['express', 'by hand'],
      ['express', 'blueWebhook'],
      ['hono', 'blueWebhook'],
      ['fetch', 'receiver.fetch'],
    ]) {
      const taken = [];
      for (let round = 0; round < (quick ? 3 : 9); round++)
        taken.push((await peak(framework, route, body)) / body.length);
      peaks[name] ??= {};
      peaks[name][`${framework}, ${route}`] = spread(taken);
      process.stderr.write('.');
    }
  }
}
process.stdout.write(JSON.stringify({ deliveries: total, heapBytes, peaks }));

/** The peak growth of a new server while it receives one large body, in bytes. */
async function peak(framework, route, body) {
  const child = fork(new URL('http-server.js', import.meta.url), [framework, route], { execArgv: ['--expose-gc'] });
  const [{ [route]: url }] = await once(child, 'message');
  for (let i = 0; i < 200; i++) await post(url, deliveries['2.3 KB']);
  const { held } = await memory(child);
  await post(url, body);
  const { peak } = await memory(child);
  child.disconnect();
  return peak - held;
}

async function memory(child) {
  child.send('memory');
  const [answer] = await once(child, 'message');
  return answer;
}

async function post(url, body) {
  const signed = { 'content-type': 'application/json', 'x-signature': hmacOf(body) };
  const response = await fetch(url, { method: 'POST', headers: signed, body });
  if (response.status !== 204) throw new Error(`${url} answered ${response.status}.`);
}

function longText(bytes) {
  const record = (text) =>
    Buffer.from(JSON.stringify({ event: 'TODO_CREATED', currentValue: { id: '1', title: 'T', text } }));
  return record('x'.repeat(bytes - record('').length));
}

async function deliver(count) {
  for (let i = 0; i < count; i++) await handle();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
