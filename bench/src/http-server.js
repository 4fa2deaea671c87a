// One route in a process of its own. usage: http-server.js <framework> <route>; tells its port, and what it has used.
import process from 'node:process';
import { serve } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import { expressRoutes, honoRoutes } from './http-routes.js';

const [framework, route] = process.argv.slice(2);
const path = '/webhooks/blue';

const server = framework === 'express' ? await listenExpress() : await listenHono();
process.on('message', () => process.send({ cpu: process.cpuUsage(), memory: process.memoryUsage() }));
process.on('disconnect', () => process.exit());
process.send({ url: `http://127.0.0.1:${server.address().port}${path}` });

function listenExpress() {
  const app = express();
  app.post(path, ...expressRoutes[route]());
  return new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
}

function listenHono() {
  const app = new Hono();
  app.post(path, honoRoutes[route]());
  return new Promise((resolve) => {
    const listening = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(listening));
  });
}
