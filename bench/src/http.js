// Measures routes under load, each in a separate process, and prints one JSON object. usage: http.js [--quick]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import autocannon from 'autocannon';
import { deliveries } from './deliveries.js';
import { expressRoutes, honoRoutes } from './http-routes.js';
import { hmacOf } from './schemes.js';
import { compare, spread } from './statistics.js';

const quick = process.argv.includes('--quick');
/** Express needs this many requests until its cost is stable. */
const warmUp = quick ? 5_000 : 20_000;
const rounds = quick ? 10 : 30;
const requestsARound = 2_000;
const body = deliveries['2.3 KB'];
const headers = {
  'content-type': 'application/json',
  'x-signature': hmacOf(body),
  'x-hub-signature-256': `sha256=${hmacOf(body)}`,
  'x-line-signature': hmacOf(body, 'base64'),
};

const results = [];
for (const [framework, routes] of Object.entries({ express: expressRoutes, hono: honoRoutes })) {
  const servers = {};
  const samples = {};
  for (const route of Object.keys(routes)) {
    servers[route] = await start(framework, route);
    samples[route] = { cpu: [], wall: [], perSecond: [], p99Ms: [] };
    await load(servers[route].url, warmUp);
    process.stderr.write('.');
  }
  const names = Object.keys(servers);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      const { child, url } = servers[name];
      const before = await usage(child);
      const { duration, perSecond, p99Ms } = await load(url, requestsARound);
      const after = await usage(child);
      samples[name].cpu.push((after - before) / requestsARound);
      samples[name].wall.push((duration * 1e6) / requestsARound);
      samples[name].perSecond.push(perSecond);
      samples[name].p99Ms.push(p99Ms);
    }
    process.stderr.write('.');
  }
  const tasks = compare(samples, 'bare');
  for (const name of names) {
    tasks[name].perSecond = spread(samples[name].perSecond);
    tasks[name].p99Ms = spread(samples[name].p99Ms);
    servers[name].child.disconnect();
  }
  results.push({ part: 'http', label: framework, baseline: 'bare', tasks });
}
process.stdout.write(JSON.stringify(results));

async function start(framework, route) {
  const child = fork(new URL('http-server.js', import.meta.url), [framework, route]);
  const [{ url }] = await once(child, 'message');
  return { child, url };
}

/** The processor time that a server has used so far, in microseconds. */
async function usage(child) {
  child.send('cpu');
  const [{ user, system }] = await once(child, 'message');
  return user + system;
}

async function load(url, amount) {
  const result = await autocannon({ url, method: 'POST', headers, body, amount, connections: 50, sampleInt: 50 });
  if (result['2xx'] !== amount) throw new Error(`${url}: only ${result['2xx']} of ${amount} were answered 2xx.`);
  return { duration: result.duration, perSecond: amount / result.duration, p99Ms: result.latency.p99 };
}
