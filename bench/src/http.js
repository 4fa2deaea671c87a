// Measures routes under load, in one process and each in a process of its own, and prints one JSON object. usage: http.js [--quick]
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
const signed = (key) => ({
  'content-type': 'application/json',
  'x-signature': hmacOf(body, 'hex', key),
  'x-hub-signature-256': `sha256=${hmacOf(body, 'hex', key)}`,
  'x-line-signature': hmacOf(body, 'base64', key),
});
const genuine = { headers: signed(), status: 204 };
const forged = { headers: signed('somebody else'), status: 401 };

/** Every route, and those whose answer to a forgery is their own. */
const frameworks = {
  express: { routes: Object.keys(expressRoutes), refusing: ['by hand', 'blueWebhook'] },
  hono: { routes: Object.keys(honoRoutes), refusing: ['by hand', 'blueWebhook'] },
};

const results = [];
for (const [framework, { routes, refusing }] of Object.entries(frameworks)) {
  for (const processes of ['one', 'separate']) {
    results.push({
      framework,
      processes,
      sent: 'genuine',
      tasks: await measure(framework, processes, routes, genuine),
    });
  }
  results.push({
    framework,
    processes: 'one',
    sent: 'forged',
    tasks: await measure(framework, 'one', refusing, forged),
  });
}
process.stdout.write(JSON.stringify(results));

/** Sends a delivery to each route in interleaved rounds. Ratios are against the first route. */
async function measure(framework, processes, routes, delivery) {
  const servers = await start(framework, processes, routes);
  const samples = {};
  for (const route of routes) {
    samples[route] = { cpu: [], wall: [], perSecond: [], p99Ms: [] };
    await load(servers[route].url, warmUp, delivery);
    process.stderr.write('.');
  }
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < routes.length; turn++) {
      const route = routes[(round + turn) % routes.length];
      const { child, url } = servers[route];
      const before = await usage(child);
      const { duration, perSecond, p99Ms } = await load(url, requestsARound, delivery);
      const after = await usage(child);
      samples[route].cpu.push((after - before) / requestsARound);
      samples[route].wall.push((duration * 1e6) / requestsARound);
      samples[route].perSecond.push(perSecond);
      samples[route].p99Ms.push(p99Ms);
    }
    process.stderr.write('.');
  }
  for (const { child } of Object.values(servers)) if (child.connected) child.disconnect();
  const tasks = compare(samples, routes[0]);
  for (const route of routes) {
    tasks[route].perSecond = spread(samples[route].perSecond);
    tasks[route].p99Ms = spread(samples[route].p99Ms);
  }
  return tasks;
}

/** The server of each route. */
async function start(framework, processes, routes) {
  const servers = {};
  for (const group of processes === 'one' ? [routes] : routes.map((route) => [route])) {
    const child = fork(new URL('http-server.js', import.meta.url), [framework, ...group]);
    const [urls] = await once(child, 'message');
    for (const route of group) servers[route] = { child, url: urls[route] };
  }
  return servers;
}

/** The processor time that a server has used so far, in microseconds. */
async function usage(child) {
  child.send('cpu');
  const [{ user, system }] = await once(child, 'message');
  return user + system;
}

async function load(url, amount, { headers, status }) {
  const result = await autocannon({ url, method: 'POST', headers, body, amount, connections: 50, sampleInt: 50 });
  const answered = result.statusCodeStats[status]?.count ?? 0;
  if (answered !== amount) throw new Error(`${url}: only ${answered} of ${amount} were answered ${status}.`);
  return { duration: result.duration, perSecond: amount / result.duration, p99Ms: result.latency.p99 };
}
