import { createReceiver, type SecretQuery } from '@blue-webhooks/core';
import { signedDelivery } from '@blue-webhooks/testing';
import { adapterContract } from '@blue-webhooks/testing/adapter-contract';
import { describe, expect, test } from 'vitest';
import { blueWebhook, type LambdaHttpEvent } from '../src/index';
import { doors } from './events';

/** An ALB without multi-value headers hands over the last of repeated headers, and no trace of the others. */
const needsRepeatedHeaders = [
  'a signature that comes twice is refused',
  'a wrong signature beside a genuine one is refused, whichever comes last',
  'a genuine signature beside a wrong one is refused, whichever comes first',
];

describe.each(Object.entries(doors))('the adapter contract behind %s', (door, toEvent) => {
  const cases = adapterContract
    .filter(({ needsHttp, needsConsumed }) => !needsHttp && !needsConsumed)
    .filter(({ title }) => door !== 'an ALB' || !needsRepeatedHeaders.includes(title));
  test.each(cases.map(({ title, run }) => [title, run] as const))('%s', (_title, run) =>
    run({
      serve: async (receiver) => ({
        async send(request) {
          const { statusCode, headers, body, multiValueHeaders } = await blueWebhook(receiver)(toEvent(request));
          const several = Object.entries(multiValueHeaders ?? {}).map(([name, values]) => [name, values.join(', ')]);
          return { status: statusCode, headers: multiValueHeaders ? Object.fromEntries(several) : headers, body };
        },
        close: async () => {},
      }),
    }),
  );
});

const secret = 'a secret';
const handler = blueWebhook(createReceiver({ secret }));
const get = { method: 'GET', headers: {}, body: new Uint8Array() };

test('an ALB with multi-value headers is answered in multi-value headers, the only ones that it reads', async () => {
  const { statusCode, multiValueHeaders } = await handler(doors['an ALB with multi-value headers'](get));
  expect(statusCode).toBe(405);
  expect(multiValueHeaders).toEqual({ allow: ['POST'], 'content-type': ['application/json'] });
});

test.each(['API Gateway v1', 'API Gateway v2', 'a Function URL', 'an ALB'] as const)(
  '%s is answered in single headers',
  async (door) => {
    expect(await handler(doors[door](get))).toEqual({
      statusCode: 405,
      headers: { allow: 'POST', 'content-type': 'application/json' },
      body: '{"error":"METHOD_NOT_ALLOWED"}',
      isBase64Encoded: false,
    });
  },
);

test.each(Object.entries(doors))('the secret function gets the whole event behind %s', async (_door, toEvent) => {
  const queries: SecretQuery[] = [];
  const tenants = createReceiver({
    secret: (query) => {
      queries.push(query);
      return secret;
    },
  });
  const event = toEvent({ method: 'POST', ...(await signedDelivery('TODO_CREATED', { secret })) });
  expect((await blueWebhook(tenants)(event)).statusCode).toBe(204);
  expect(queries[0]?.request).toBe(event);
});

test.each<[string, object, number]>([
  ['nothing in it', {}, 405],
  ['a method and no more', { httpMethod: 'POST' }, 401],
  ['null for all that may be null', { httpMethod: 'POST', headers: null, multiValueHeaders: null, body: null }, 401],
  ['a request context without a method', { requestContext: { stage: 'prod' } }, 405],
  ['the records of a queue', { Records: [{ body: '{}' }] }, 405],
])('an event with %s is refused, not a crash', async (_what, event, status) => {
  expect((await handler(event as LambdaHttpEvent)).statusCode).toBe(status);
});

test('a header that is named in whatever case is one header, and two spellings are two', async () => {
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  const delivered = (names: string[]) =>
    handler({
      httpMethod: 'POST',
      headers: Object.fromEntries(names.map((name) => [name, headers['x-signature']])),
      body: Buffer.from(body).toString(),
    });
  for (const name of ['x-signature', 'X-Signature', 'X-SIGNATURE']) {
    expect((await delivered([name])).statusCode).toBe(204);
  }
  expect((await delivered(['x-signature', 'X-Signature'])).statusCode).toBe(401);
});

test('a header that the event holds as undefined is not there', async () => {
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  const unsigned = blueWebhook(createReceiver({ allowUnsigned: true }));
  const event = { httpMethod: 'POST', headers: { 'x-signature': undefined }, body: Buffer.from(body).toString() };
  expect((await unsigned(event)).statusCode).toBe(204);
  const beside = { ...event, headers: { ...event.headers, 'X-Signature': headers['x-signature'] } };
  expect((await handler(beside)).statusCode).toBe(204);
});
