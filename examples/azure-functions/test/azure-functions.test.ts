import { app, HttpRequest, HttpResponse, InvocationContext } from '@azure/functions';
import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import { expect, test, vi } from 'vitest';

const secret = process.env.BLUE_WEBHOOK_SECRET;

test('the registered function handles a delivery, and refuses a forgery', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const http = vi.spyOn(app, 'http').mockImplementation(() => {});
  await import('../src/functions');
  const [, { handler, ...trigger }] = http.mock.calls[0] as Parameters<typeof app.http>;
  expect(trigger).toEqual({ methods: ['POST'], route: 'webhooks/blue', authLevel: 'anonymous' });

  /** Calls the function as Azure's worker does, with Azure's request, and converts what it returns to Azure's response. */
  const call = async (bytes: Uint8Array, headers: Record<string, string>) => {
    const request = new HttpRequest({ method: 'POST', url: 'https://an.app/webhooks/blue', headers, body: { bytes } });
    return new HttpResponse((await handler(request, new InvocationContext())) as HttpResponse);
  };
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  expect((await call(body, headers)).status).toBe(204);
  const refusal = await call(new TextEncoder().encode('{}'), headers);
  expect(refusal.status).toBe(401);
  expect(refusal.headers.get('content-type')).toBe('application/json');
  expect(await refusal.json()).toEqual({ error: 'SIGNATURE_INVALID' });
  expect(log.mock.calls).toEqual([[`New record: ${fixtures.TODO_CREATED.currentValue.title}`]]);
});
