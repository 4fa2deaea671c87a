import { HttpRequest } from '@azure/functions';
import { Request as UndiciRequest } from 'undici';
import { expect, test } from 'vitest';
import { createReceiver, sign } from '../src/index';

const secret = 'a secret';
const url = 'http://localhost/webhooks/blue';
const text = '{"event":"TODO_CREATED","currentValue":{"id":"1","title":"a"}}';

test.each<[string, (init: { method: string; headers: Record<string, string>; body: string }) => Request]>([
  ['the runtime', (init) => new Request(url, init)],
  ['undici', (init) => new UndiciRequest(url, init) as never],
  ['Azure Functions', ({ body, ...init }) => new HttpRequest({ url, ...init, body: { string: body } }) as never],
])('receiver.fetch reads a request of %s, and refuses it once it was read', async (_of, make) => {
  const codes: string[] = [];
  const receiver = createReceiver({ secret, onFailure: ({ code }) => codes.push(code) });
  const request = make({ method: 'POST', headers: { 'x-signature': await sign(text, secret) }, body: text });
  expect((await receiver.fetch(request)).status).toBe(204);
  expect((await receiver.fetch(request)).status).toBe(500);
  expect(codes).toEqual(['BODY_ALREADY_READ']);
});
