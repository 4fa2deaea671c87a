import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createReceiver } from '@blue-webhooks/core';
import { redisLedger } from '@blue-webhooks/core/redis-ledger';
import { Redis } from 'ioredis';

/** A receiver in a separate process, which tests kill: records each run of its handler in Redis. */
const { REDIS_URL = '', SECRET = '', HANDLER = '' } = process.env;
const client = new Redis(REDIS_URL);
const receiver = createReceiver({
  secret: SECRET,
  ledger: redisLedger(client, { leaseMs: 700 }),
  deadLetter: async () => {
    await client.rpush('handing-over', String(process.pid));
    if (await client.get(`hang:${process.pid}`)) await new Promise(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    await client.rpush('dead', String(process.pid));
  },
  onFailure: ({ code }) => client.rpush('codes', code),
}).on('TODO_CREATED', async (_event, { attempt }) => {
  await client.rpush('runs', String(attempt));
  if (HANDLER === 'hangs') await new Promise(() => {});
  if (HANDLER === 'fails') throw new Error('always');
  while (HANDLER === 'waits' && !(await client.exists('go', `fail:${process.pid}`)))
    await new Promise((resolve) => setTimeout(resolve, 20));
  if (await client.get(`fail:${process.pid}`)) throw new Error('after all');
});
const server = createServer(async (req, res) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const outcome = await receiver.handle({ method: 'POST', header: (name) => req.headers[name], body });
  res.writeHead(outcome.status).end();
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
