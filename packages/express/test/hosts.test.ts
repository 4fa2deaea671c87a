import type { IncomingMessage } from 'node:http';
import { createReceiver, type WebhookError } from '@blue-webhooks/core';
import { signedDelivery } from '@blue-webhooks/testing';
import { bodyParser } from '@koa/bodyparser';
import connect from 'connect';
import { createApp, fromNodeMiddleware, readBody, toNodeListener } from 'h3';
import { fromNodeHandler, H3, toNodeHandler } from 'h3-v2';
import Koa from 'koa';
import mount from 'koa-connect';
import { describe, expect, test } from 'vitest';
import { blueWebhook, type NodeRequest } from '../src/index';
import { listen } from './serve';

const secret = 'a secret';

/** Sends a genuine and a forged delivery to a host; returns the statuses and the errors. */
async function deliver(serve: (receiver: ReturnType<typeof createReceiver>) => Parameters<typeof listen>[0]) {
  const errors: WebhookError[] = [];
  const titles: unknown[] = [];
  const receiver = createReceiver({ secret, onFailure: (error) => errors.push(error) });
  receiver.on('TODO_CREATED', ({ currentValue }) => titles.push(currentValue.title));
  const { url } = await listen(serve(receiver));
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  const genuine = await fetch(url, { method: 'POST', headers, body });
  const forged = await fetch(url, { method: 'POST', headers, body: '{}' });
  return {
    statuses: [genuine.status, forged.status],
    handled: titles.length,
    codes: errors.map(({ code }) => code),
    message: errors[0]?.message ?? '',
  };
}

const koaRoute =
  (receiver: ReturnType<typeof createReceiver>): Koa.Middleware =>
  async (ctx) => {
    ctx.respond = false;
    await blueWebhook(receiver, { host: 'koa' })(ctx.req, ctx.res, (error) => error && ctx.onerror(error));
  };

describe('an untouched body', () => {
  test.each<[string, Parameters<typeof deliver>[0]]>([
    ['Connect', (receiver) => connect().use('/webhooks/blue', blueWebhook(receiver))],
    ['h3', (receiver) => toNodeListener(createApp().use('/webhooks/blue', fromNodeMiddleware(blueWebhook(receiver))))],
    [
      'h3 2',
      (receiver) => toNodeHandler(new H3().post('/webhooks/blue', fromNodeHandler(blueWebhook(receiver)))) as never,
    ],
    ['Koa', (receiver) => new Koa().use(koaRoute(receiver)).callback()],
    ['Koa through koa-connect', (receiver) => new Koa().use(mount(blueWebhook(receiver) as never)).callback()],
    ['node:http', (receiver) => (req, res) => void blueWebhook(receiver)(req, res, () => res.writeHead(500).end())],
  ])('is verified on %s', async (_host, serve) => {
    expect(await deliver(serve)).toMatchObject({
      statuses: [204, 401],
      handled: 1,
      codes: ['SIGNATURE_MISMATCH'],
    });
  });
});

describe('a parser that ran earlier', () => {
  test("is reported on Koa with Koa's cure, with the parser of Koa", async () => {
    const result = await deliver((receiver) => new Koa().use(bodyParser()).use(koaRoute(receiver)).callback());
    expect(result).toMatchObject({ statuses: [500, 500], handled: 0, codes: Array(2).fill('BODY_ALREADY_READ') });
    expect(result.message).toContain('ctx.req.rawBody = ctx.request.rawBody');
    expect(result.message).not.toContain('express.json');
  });

  test('is cured on Koa as the hint says', async () => {
    const keep: Koa.Middleware = async (ctx, next) => {
      Object.assign(ctx.req, { rawBody: (ctx.request as { rawBody?: string }).rawBody });
      await next();
    };
    const result = await deliver((receiver) =>
      new Koa().use(bodyParser()).use(keep).use(koaRoute(receiver)).callback(),
    );
    expect(result).toMatchObject({ statuses: [204, 401], handled: 1 });
  });

  test('is reported on h3 with the cure for every host', async () => {
    const result = await deliver((receiver) => {
      const app = createApp();
      app.use(async (event) => void (await readBody(event)));
      return toNodeListener(app.use('/webhooks/blue', fromNodeMiddleware(blueWebhook(receiver))));
    });
    expect(result.statuses[0]).toBe(500);
    expect(result).toMatchObject({ handled: 0, codes: Array(2).fill('BODY_ALREADY_READ') });
    expect(result.message).toContain('before anything that reads the body');
  });

  test('is reported on Connect, where no host is named', async () => {
    const result = await deliver((receiver) => {
      const app = connect();
      app.use((req: IncomingMessage & NodeRequest, _res: unknown, next: () => void) => {
        req.resume().on('end', () => next());
      });
      return app.use('/webhooks/blue', blueWebhook(receiver));
    });
    expect(result).toMatchObject({ statuses: [500, 500], handled: 0, codes: Array(2).fill('BODY_ALREADY_READ') });
    expect(result.message).toContain('before anything that reads the body');
  });
});
