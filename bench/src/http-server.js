// Serves routes, each under its name, and reports the resource usage of its process. usage: http-server.js <express | hono | fetch> <route>…
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { serve } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import { expressRoutes, honoRoutes, receiver } from './http-routes.js';

const [framework, ...routes] = process.argv.slice(2);
/** Without characters that a URL escapes: Express matches the escaped path, Hono the other. */
const pathOf = (route) => `/${route.replace(/\W+/g, '-')}`;

const listen = {
  express: listenExpress,
  hono: () => listenFetch(hono().fetch),
  fetch: () => listenFetch(receiver().fetch),
};
const server = await listen[framework]();
process.on('message', (question) => process.send(question === 'memory' ? memory() : process.cpuUsage()));
process.on('disconnect', () => process.exit());
const urlOf = (route) => `http://127.0.0.1:${server.address().port}${pathOf(route)}`;
process.send(Object.fromEntries(routes.map((route) => [route, urlOf(route)])));

function listenExpress() {
  const app = express();
  for (const route of routes) app.post(pathOf(route), ...expressRoutes[route]());
  return new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
}

function hono() {
  const app = new Hono();
  for (const route of routes) app.post(pathOf(route), honoRoutes[route]());
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
