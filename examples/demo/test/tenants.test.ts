import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signedDelivery } from '@blue-webhooks/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createApp } from '../../express-tenants/src/app';
import { openSecrets } from '../../express-tenants/src/secrets';

test('one endpoint serves two tenants, one with two secrets, and neither can sign for the other', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const secrets = openSecrets(':memory:');
  secrets.add('webhook-a', 'only', 'secret of a');
  secrets.add('webhook-b', 'old', 'old secret of b');
  secrets.add('webhook-b', 'new', 'new secret of b');
  const server = createServer(createApp(secrets));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    secrets.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/blue`;

  let records = 0;
  const send = async (webhookId: string, secret: string) => {
    const payload = {
      event: 'TODO_CREATED',
      webhook: { id: webhookId },
      currentValue: { id: String(records++), title: 'T' },
    };
    const { body, headers } = await signedDelivery(payload, { secret });
    return (await fetch(url, { method: 'POST', body, headers: { ...headers, connection: 'close' } })).status;
  };
  expect(await send('webhook-a', 'secret of a')).toBe(204);
  expect(await send('webhook-b', 'old secret of b')).toBe(204);
  expect(await send('webhook-b', 'new secret of b')).toBe(204);
  expect(await send('webhook-b', 'secret of a')).toBe(401);
  expect(await send('webhook-c', 'secret of a')).toBe(401);
  expect(log.mock.calls.flat()).toEqual(['webhook-a (only): T', 'webhook-b (old): T', 'webhook-b (new): T']);
});
