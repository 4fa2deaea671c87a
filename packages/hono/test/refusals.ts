import { type FailureCode, WebhookError } from '@blue-webhooks/core';
import { signedDelivery } from '@blue-webhooks/testing';
import type { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { expect, test } from 'vitest';
import { verifyBlueWebhook } from '../src/index';

const secret = 'a secret';

/** What becomes of deliveries that `verifyBlueWebhook` refuses, with and without an error handler of the app's own. */
export function testRefusals(App: typeof Hono): void {
  async function refuse(change: (request: RequestInit & { headers: Record<string, string> }) => RequestInit) {
    const reached: unknown[] = [];
    const thrown: unknown[] = [];
    const app = () =>
      new App().all('/', verifyBlueWebhook({ secret, maxBodyBytes: 100_000 }), (c) => {
        reached.push(c.var.blue);
        return c.text('reached');
      });
    const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
    const request = () => new Request('http://localhost/', change({ method: 'POST', body, headers: { ...headers } }));
    const listening = app();
    listening.onError((error) => {
      thrown.push(error);
      return (error as HTTPException).getResponse();
    });
    const answers = [await app().request(request()), await listening.request(request())];
    expect(reached).toEqual([]);
    return { answers, error: thrown[0], signature: headers['x-signature'] };
  }

  const json = { 'content-type': 'application/json' };
  test.each<[FailureCode, number, string, Parameters<typeof refuse>[0]]>([
    ['SIGNATURE_MISMATCH', 401, 'SIGNATURE_INVALID', (request) => ({ ...request, body: '{}' })],
    ['SIGNATURE_MISSING', 401, 'SIGNATURE_INVALID', (request) => ({ ...request, headers: json })],
    ['METHOD_NOT_ALLOWED', 405, 'METHOD_NOT_ALLOWED', (request) => ({ ...request, method: 'PUT' })],
    [
      'BODY_ENCODED',
      415,
      'BODY_ENCODED',
      (request) => ({ ...request, headers: { ...request.headers, 'content-encoding': 'br' } }),
    ],
    ['BODY_TOO_LARGE', 413, 'BODY_TOO_LARGE', (request) => ({ ...request, body: 'x'.repeat(100_001) })],
  ])(
    '%s is thrown as an HTTPException that carries the answer and its cause',
    async (code, status, reported, change) => {
      const { answers, error, signature } = await refuse(change);
      for (const answer of answers) {
        expect(answer.status).toBe(status);
        expect(answer.headers.get('content-type')).toBe('application/json');
        expect(answer.headers.get('allow')).toBe(status === 405 ? 'POST' : null);
        expect(await answer.text()).toBe(JSON.stringify({ error: reported }));
      }
      expect(error).toBeInstanceOf(HTTPException);
      const { cause, message } = error as HTTPException;
      expect(WebhookError.is(cause) && cause.code).toBe(code);
      for (const hidden of [secret, signature]) expect(message).not.toContain(hidden);
    },
  );
}

test.each(['ledger', 'deadLetter', 'onOutcome', 'projects'])(
  'verifyBlueWebhook throws a TypeError for %s, which has no effect on verification',
  (name) => {
    const options = { secret, [name]: name === 'projects' ? [] : () => {} };
    expect(() => verifyBlueWebhook(options)).toThrow(TypeError);
    expect(() => verifyBlueWebhook(options)).toThrow(`\`${name}\` has no effect on verification`);
  },
);
