import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createReceiver } from '@blue-webhooks/core';
import { redisLedger } from '@blue-webhooks/core/redis-ledger';
import { Redis } from 'ioredis';

/** A receiver in a process of its own, to be killed: notes each run of its handler in Redis. */
const { REDIS_URL = '', SECRET = '', HANDLER = '' } = process.env;
const client = new Redis(REDIS_URL);
const receiver = createReceiver({
  secret: SECRET,
  ledger: redisLedger(client, { leaseMs: 700 }),
  onFailure: ({ code }) => client.rpush('codes', code),
}).on('TODO_CREATED', async (_event, { attempt }) => {
  await client.rpush('runs', String(attempt));
  if (HANDLER === 'hangs') await new Promise(() => {});
  while (HANDLER === 'waits' && !(await client.get('go'))) await new Promise((resolve) => setTimeout(resolve, 20));
});
const server = createServer(async (req, res) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const outcome = await receiver.handle({ method: 'POST', header: (name) => req.headers[name], body });
  res.writeHead(outcome.status).end();
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
