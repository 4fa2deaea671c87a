import { createReceiver } from '@blue-webhooks/core';
import { signedDelivery } from '@blue-webhooks/testing';
import { Hono } from 'hono';
import type { HTTPException } from 'hono/http-exception';
import { Hono as OldestHono } from 'hono-oldest';
import { describe, expect, test } from 'vitest';
import { blueWebhook, verifyBlueWebhook } from '../src/index';

const secret = 'a secret';

/** A Worker's context, whose methods throw without their `this`. */
class Context {
  readonly promises: Promise<unknown>[] = [];
  readonly props = {};
  waitUntil(work: Promise<unknown>): void {
    this.promises.push(work);
  }
  passThroughOnException(): void {}
}

describe.each([
  ['the newest Hono', Hono],
  ['the oldest Hono', OldestHono as unknown as typeof Hono],
])('%s', (_version, App) => {
  test('passes promises of hooks to the waitUntil of the Worker, and needs none on Node', async () => {
    const ended: string[] = [];
    const hook = (name: string) => () => Promise.resolve().then(() => ended.push(name));
    const receiver = createReceiver({ secret, onFailure: hook('onFailure'), onOutcome: hook('onOutcome') });
    const app = new App()
      .post('/', blueWebhook(receiver))
      .post('/verify', verifyBlueWebhook({ secret, onFailure: hook('verify') }), (c) => c.body(null, 204));
    // The oldest Hono knows its own exceptions only, and the adapter throws those of the newest here.
    app.onError((error) => (error as HTTPException).getResponse());
    const context = new Context();
    const init = { method: 'POST', ...(await signedDelivery('TODO_CREATED', { secret })) };
    expect((await app.request('/', init, {}, context)).status).toBe(204);
    expect((await app.request('/', { ...init, body: '{}' }, {}, context)).status).toBe(401);
    expect((await app.request('/verify', { ...init, body: '{}' }, {}, context)).status).toBe(401);
    await Promise.all(context.promises);
    expect(context.promises).toHaveLength(4);
    expect(ended.sort()).toEqual(['onFailure', 'onOutcome', 'onOutcome', 'verify']);
    expect((await app.request('/', init)).status).toBe(204);
  });
});
