import { signedDelivery } from '@blue-webhooks/testing';
import express, { type ErrorRequestHandler } from 'express';
import express4 from 'express4';
import Koa from 'koa';
import { describe, expect, test, vi } from 'vitest';
import { verifyBlueWebhook } from '../src/index';
import { listen } from './serve';

// Express logs the errors that its own page answers, for the operator.
vi.spyOn(console, 'error').mockImplementation(() => {});

/** A secret with a newline at its end, whose id the message of the error names. */
const secret = [{ id: 'tenant-of-acme', secret: 'a secret\n' }];
const hidden = ['tenant-of-acme', 'a secret', 'whitespace', 'copied'];

async function pageOf(listener: Parameters<typeof listen>[0]): Promise<{ status: number; page: string }> {
  const { url } = await listen(listener);
  const delivery = await signedDelivery('TODO_CREATED', { secret: 'a secret' });
  const response = await fetch(url, { method: 'POST', ...delivery });
  return { status: response.status, page: await response.text() };
}

describe.each(['development', 'production'])('in %s', (environment) => {
  test.each([
    ['Express 5', express],
    ['Express 4', express4],
  ])('the default error page of %s shows neither the hint nor the id of a secret', async (_version, create) => {
    const onFailure = vi.fn();
    const app = create().set('env', environment);
    app.use(verifyBlueWebhook({ secret, onFailure }));
    const { status, page } = await pageOf(app);
    expect(status).toBe(401);
    for (const text of hidden) expect(page).not.toContain(text);
    // The hook receives what the page hides: without it, this test would show nothing.
    expect(onFailure.mock.calls[0]?.[0].message).toContain('tenant-of-acme');
  });

  test('an error handler that responds with the message and the stack shows neither either', async () => {
    const app = express().set('env', environment);
    app.use(verifyBlueWebhook({ secret }));
    const respond: ErrorRequestHandler = (error, _req, res, _next) => {
      res.status(error.status).json({ message: error.message, stack: error.stack, text: String(error), ...error });
    };
    app.use(respond);
    const { status, page } = await pageOf(app);
    expect(status).toBe(401);
    for (const text of hidden) expect(page).not.toContain(text);
  });

  test('the default error page of Koa shows neither the hint nor the id of a secret', async () => {
    const app = new Koa({ env: environment });
    app.silent = true;
    app.use(async (ctx) => {
      const error = await new Promise<Error | undefined>((resolve) => {
        verifyBlueWebhook({ secret })(ctx.req, ctx.res, resolve);
      });
      if (error) throw error;
    });
    expect(await pageOf(app.callback())).toEqual({ status: 401, page: 'Unauthorized' });
  });
});
