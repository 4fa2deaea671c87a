import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createBlueSimulator } from '@blue-webhooks/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startSqs } from '../../../packages/queue/test/services/sqs';

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('while the CRM is down, every delivery is acknowledged and kept, and handled in order when it is back', async () => {
  const secret = 'the secret of the functions';
  const handled: string[] = [];
  const refused: string[] = [];
  let isDown = true;
  const crm = createServer(async (request, response) => {
    (isDown ? refused : handled).push(await text(request));
    response.writeHead(isDown ? 503 : 204).end();
  });
  const fifo = { FifoQueue: 'true', VisibilityTimeout: '390' };
  const sqs = await startSqs({ 'blue.fifo': fifo, 'blue-dead.fifo': fifo });
  const queue = sqs.queue('blue.fifo');
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: new URL(queue.url).origin,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    BLUE_WEBHOOK_SECRET: secret,
    QUEUE_URL: queue.url,
    DEAD_LETTER_QUEUE_URL: sqs.queue('blue-dead.fifo').url,
    CRM_URL: await listen(crm),
  })) {
    vi.stubEnv(name, value);
  }
  onTestFinished(() => void vi.unstubAllEnvs());
  const { handler: receive } = await import('../src/handler');
  const { handler: work } = await import('../src/worker');

  // What a Function URL does.
  const gateway = createServer(async (request, response) => {
    const body = Buffer.from(await text(request)).toString('base64');
    const headers = { 'x-signature': `${request.headers['x-signature']}` };
    const method = request.method ?? '';
    const { statusCode } = await receive({
      requestContext: { http: { method } },
      headers,
      body,
      isBase64Encoded: true,
    });
    response.writeHead(statusCode).end();
  });
  const blue = createBlueSimulator({ url: await listen(gateway), secret, delayMs: 0 });
  expect((await blue.enable()).status).toBe('HEALTHY');
  const ids = ['a', 'b', 'c', 'a', 'b', 'a'];
  const fates = await Promise.all(ids.map((id) => blue.emit('TODO_MOVED', { currentValue: { id } })));
  expect(fates.map(({ outcome, attempts }) => [outcome, attempts.length])).toEqual(ids.map(() => ['delivered', 1]));

  const pollUntil = async (isDone: () => boolean) => {
    while (!isDone()) {
      await queue.invoke(work, { getRemainingTimeInMillis: () => 65_000 });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await pollUntil(() => refused.length === 3); // the first of each record; the others wait behind it
  isDown = false;
  await pollUntil(() => handled.length === ids.length);
  expect([...handled].sort()).toEqual([...ids].sort());
  expect([...refused].sort()).toEqual(['a', 'b', 'c']);
  expect(blue.webhook.enabled).toBe(true);
}, 60_000);
