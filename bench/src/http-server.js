// One route in a separate process, which reports its resource usage. usage: http-server.js <express | hono | fetch> <route>
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { serve } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import { expressRoutes, honoRoutes, receiver } from './http-routes.js';

const [framework, route] = process.argv.slice(2);
const path = '/webhooks/blue';

const listen = {
  express: listenExpress,
  hono: () => listenFetch(hono().fetch),
  fetch: () => listenFetch(receiver().fetch),
};
const server = await listen[framework]();
process.on('message', (question) => process.send(question === 'memory' ? memory() : process.cpuUsage()));
process.on('disconnect', () => process.exit());
process.send({ url: `http://127.0.0.1:${server.address().port}${path}` });

function listenExpress() {
  const app = express();
  app.post(path, ...expressRoutes[route]());
  return new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
}

function hono() {
  const app = new Hono();
  app.post(path, honoRoutes[route]());
  return app;
}

function listenFetch(fetch) {
  return new Promise((resolve) => {
    const listening = serve({ fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(listening));
  });
}

/** The memory of the process, and its peak since the last call, in bytes. */
function memory() {
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  globalThis.gc();
  writeFileSync('/proc/self/clear_refs', '5'); // resets the peak
  return { peak, held: process.memoryUsage.rss() };
}
