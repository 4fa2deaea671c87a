import { signedDelivery } from '@blue-webhooks/testing';
import { Hono } from 'hono';
import { expect, test, vi } from 'vitest';
import { verifyBlueWebhook } from '../src/index';

/** A secret with a newline at its end, whose id the message of the error names. */
const secret = [{ id: 'tenant-of-acme', secret: 'a secret\n' }];

test.each<[string, (app: Hono) => unknown]>([
  ["Hono's own", () => {}],
  ['one that responds with the message', (app) => app.onError((error, c) => c.text(error.message, 401))],
  ['one that responds with the stack', (app) => app.onError((error, c) => c.text(String(error.stack), 401))],
])('an error page, %s, shows neither the hint nor the id of a secret', async (_page, configure) => {
  const onFailure = vi.fn();
  const app = new Hono();
  app.post('/', verifyBlueWebhook({ secret, onFailure }), (c) => c.text('reached'));
  configure(app);
  const delivery = await signedDelivery('TODO_CREATED', { secret: 'a secret' });
  const response = await app.request('/', { method: 'POST', ...delivery });
  const page = await response.text();
  expect(response.status).toBe(401);
  for (const text of ['tenant-of-acme', 'a secret', 'whitespace', 'copied']) expect(page).not.toContain(text);
  // The hook receives what the page hides: without it, this test would show nothing.
  expect(onFailure.mock.calls[0]?.[0].message).toContain('tenant-of-acme');
});
