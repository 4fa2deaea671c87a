import { EventEmitter, once } from 'node:events';
import { request } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { createReceiver, type DeliveryHandler, WebhookError } from '@blue-webhooks/core';
import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import express4 from 'express4';
import { describe, expect, test, vi } from 'vitest';
import { blueWebhook, verifyBlueWebhook } from '../src/index';
import { listen } from './serve';

const secret = 'a secret';
const path = '/webhooks/blue';

/** Express prints errors in production. */
const logged = vi.spyOn(console, 'error').mockImplementation(() => {});

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('%s', (_version, create) => {
  test('verifyBlueWebhook passes the delivery on, and the body can be verified again', async () => {
    const ids: unknown[] = [];
    const receiver = createReceiver({ secret }).on('TODO_CREATED', (_event, { id }) => ids.push(id));
    const app = create();
    app.use(verifyBlueWebhook({ secret }));
    app.use(verifyBlueWebhook({ secret }));
    app.use((req, _res, next) => {
      ids.push(req.blue?.id);
      next();
    });
    app.post(path, blueWebhook(receiver), blueWebhook(receiver));
    const { url } = await listen(app);
    const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
    const response = await fetch(url, { method: 'POST', body, headers });
    expect(response.status).toBe(204);
    const id = headers['x-signature'].slice(0, 32);
    expect(ids).toEqual([id, id]);
  });

  test('a refused method names the right one on the default error page too', async () => {
    const { url } = await listen(create().use(path, verifyBlueWebhook({ secret })));
    const response = await fetch(url);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('on a router, several receivers have a path each', async () => {
    const seen: string[] = [];
    const router = create.Router();
    router.post('/one', blueWebhook(createReceiver({ secret }).on('TODO_CREATED', () => seen.push('one'))));
    router.post('/two', blueWebhook(createReceiver({ secret: 'another' }).on('TODO_CREATED', () => seen.push('two'))));
    const { url } = await listen(create().use(path, router));
    const delivery = { method: 'POST', ...(await signedDelivery('TODO_CREATED', { secret })) };
    expect((await fetch(`${url}/one`, delivery)).status).toBe(204);
    expect((await fetch(`${url}/two`, delivery)).status).toBe(401);
    expect(seen).toEqual(['one']);
  });

  test('mounted on the whole app, and a second time after that, each delivery is handled once', async () => {
    const seen: string[] = [];
    const receiver = createReceiver({ secret }).on('TODO_CREATED', (_event, { id }) => seen.push(id));
    const app = create().use(path, blueWebhook(receiver)).post(path, blueWebhook(receiver));
    const { url } = await listen(app);
    const delivery = { method: 'POST', ...(await signedDelivery('TODO_CREATED', { secret })) };
    expect((await fetch(url, delivery)).status).toBe(204);
    expect((await fetch(`${url}/anything/below`, delivery)).status).toBe(204);
    expect(seen).toHaveLength(2);
  });

  test('a request that was cut off during slow earlier middleware ends immediately', async () => {
    const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
    const error = await new Promise<WebhookError>((resolve) => {
      const app = create();
      app.use((req, _res, next) => {
        req.on('close', () => next()).on('error', () => {});
      });
      app.post(path, blueWebhook(createReceiver({ secret, onFailure: resolve })));
      listen(app).then(({ url }) => {
        const cut = request(url, { method: 'POST', headers: { ...headers, 'content-length': body.length } });
        cut.on('error', () => {}).write(body.subarray(0, 10), () => cut.destroy());
      });
    });
    expect(error.code).toBe('BODY_INCOMPLETE');
  });

  test.each<[string, (req: Request) => unknown, string | undefined]>([
    ['hangs up', (req) => req.destroy(), undefined],
    ['gives the request an error', (req) => req.destroy(new Error('too slow for me')), 'Error: too slow for me'],
  ])('a delivery that is lost because earlier middleware %s ends immediately', async (_how, lose, cause) => {
    const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
    const error = await new Promise<WebhookError>((resolve) => {
      const app = create();
      app.use((req, _res, next) => {
        next();
        req.once('data', () => lose(req));
      });
      app.post(path, blueWebhook(createReceiver({ secret, onFailure: resolve })));
      listen(app).then(({ url }) => {
        const lost = request(url, { method: 'POST', headers: { ...headers, 'content-length': body.length } });
        lost.on('error', () => {}).write(body.subarray(0, 10));
      });
    });
    expect([error.code, (error.cause as Error | undefined)?.message]).toEqual(['BODY_INCOMPLETE', cause]);
  });

  test('an empty body that someone has consumed is gone like any other', async () => {
    const app = create();
    app.use((req, _res, next) => {
      req.resume().on('close', () => next());
    });
    app.post(path, blueWebhook(createReceiver({ secret })));
    const { url } = await listen(app);
    const response = await fetch(url, { method: 'POST', headers: { 'content-length': '0' } });
    expect([response.status, await response.text()]).toEqual([500, '{"error":"BODY_ALREADY_READ"}']);
  });

  test('an answer that someone else has begun is theirs to end', async () => {
    const answers: Response[] = [];
    const [handled, report] = [createReceiver({ secret }), new EventEmitter()];
    const handler: DeliveryHandler = { handle: (raw) => handled.handle(raw).finally(() => report.emit('handled')) };
    const app = create();
    app.use((_req, res, next) => {
      answers.push(res.status(503));
      res.write('too ');
      next();
    });
    app.post(path, blueWebhook(handler));
    const { url } = await listen(app);
    const done = once(report, 'handled');
    const response = await fetch(url, { method: 'POST', ...(await signedDelivery('TODO_CREATED', { secret })) });
    await done;
    await setImmediate();
    answers[0]?.end('busy');
    expect([response.status, await response.text()]).toEqual([503, 'too busy']);
  });

  test('what a delivery handler of another make throws goes to the error handler', async () => {
    const handler = { handle: () => Promise.reject(new Error('not one of ours')) };
    const app = create().post(path, blueWebhook(handler));
    app.use(((error, _req, res, _next) => {
      res.status(502).end(error.message);
    }) as ErrorRequestHandler);
    const { url } = await listen(app);
    const response = await fetch(url, { method: 'POST', ...(await signedDelivery('TODO_CREATED', { secret })) });
    expect([response.status, await response.text()]).toEqual([502, 'not one of ours']);
  });

  test.each<[string, number, RequestHandler[], RequestInit]>([
    ['SIGNATURE_MISMATCH', 401, [], { body: '{"event":"TODO_CREATED"}' }],
    ['BODY_TOO_LARGE', 413, [], { body: 'x'.repeat(10_001) }],
    ['BODY_ALREADY_READ', 500, [create.json()], {}],
    ['METHOD_NOT_ALLOWED', 405, [], { method: 'PUT' }],
  ])(
    'verifyBlueWebhook passes %s to the error handler, and the default page reveals nothing',
    async (code, status, earlier, change) => {
      const { body, headers } = await signedDelivery(fixtures.TODO_CREATED, { secret });
      for (const environment of ['test', 'production']) {
        const errors: unknown[] = [];
        const reached: unknown[] = [];
        const app = create().set('env', environment);
        for (const middleware of earlier) app.use(middleware);
        app.all(path, verifyBlueWebhook({ secret, maxBodyBytes: 10_000 }), (req, res) => {
          reached.push(req.blue);
          res.sendStatus(200);
        });
        app.use(((error, _req, _res, next) => {
          errors.push(error);
          next(error);
        }) as ErrorRequestHandler);
        const { url } = await listen(app);
        const response = await fetch(url, { method: 'POST', body, headers, ...change });
        const page = await response.text();
        expect(response.status).toBe(status);
        expect(reached).toEqual([]);
        expect(errors).toHaveLength(1);
        expect(WebhookError.is(errors[0]) && errors[0]).toMatchObject({ code, status });
        const hidden = [
          secret,
          headers['x-signature'],
          fixtures.TODO_CREATED.currentValue.title,
          'node_modules',
          'index.ts',
          '    at ',
        ];
        for (const text of hidden) expect(page + inspect(logged.mock.calls)).not.toContain(text);
      }
    },
  );
});

test('verifyBlueWebhook calls next exactly once, whether it accepts or refuses', async () => {
  const calls: unknown[][] = [];
  const middleware = verifyBlueWebhook({ secret });
  const { url } = await listen(async (req, res) => {
    await middleware(req, res, (...args) => calls.push(args));
    res.end();
  });
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  await fetch(url, { method: 'POST', body, headers });
  await fetch(url, { method: 'POST', body: '{}', headers });
  expect(calls).toEqual([[], [expect.objectContaining({ code: 'SIGNATURE_MISMATCH' })]]);
});

test.each<[string, unknown]>([
  ['undefined', undefined],
  ['null', null],
  ["'route', which Express reads as a command", 'route'],
])(
  'a delivery handler that rejects with %s ends in the error handler, not in the next route',
  async (_what, reason) => {
    const errors: unknown[] = [];
    const app = express();
    app.post(path, blueWebhook({ handle: () => Promise.reject(reason) }));
    app.post(path, (_req, res) => void res.sendStatus(204));
    app.use(((error, _req, res, _next) => {
      errors.push(error);
      res.sendStatus(500);
    }) as ErrorRequestHandler);
    const { url } = await listen(app);
    const response = await fetch(url, { method: 'POST', ...(await signedDelivery('TODO_CREATED', { secret })) });
    expect(response.status).toBe(500);
    expect(errors[0]).toBeInstanceOf(Error);
    expect((errors[0] as Error).cause).toBe(reason);
  },
);

test.each(['ledger', 'deadLetter', 'onOutcome', 'projects'])(
  'verifyBlueWebhook throws a TypeError for %s, which has no effect on verification',
  (name) => {
    const options = { secret, [name]: name === 'projects' ? [] : () => {} };
    expect(() => verifyBlueWebhook(options)).toThrow(TypeError);
    expect(() => verifyBlueWebhook(options)).toThrow(`\`${name}\` has no effect on verification`);
  },
);
