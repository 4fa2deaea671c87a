import { createReceiver } from '@blue-webhooks/core';
import { signedDelivery } from '@blue-webhooks/testing';
import { adapterContract, type ContractRequest } from '@blue-webhooks/testing/adapter-contract';
import { describe, expect, test } from 'vitest';
import { blueWebhook, type LambdaHttpEvent } from '../src/index';

const base64 = (body: Uint8Array) => ({ body: Buffer.from(body).toString('base64'), isBase64Encoded: true });
const lists = (headers: ContractRequest['headers']) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()]));
const joined = (headers: ContractRequest['headers']) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(',')]));
const last = (headers: ContractRequest['headers']) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().at(-1) ?? '']));

/** The same request as each of AWS's front doors puts it. */
const doors: Record<string, (request: ContractRequest) => LambdaHttpEvent> = {
  'API Gateway v1': ({ method, headers, body }) => ({
    httpMethod: method,
    headers: last(headers),
    multiValueHeaders: lists(headers),
    ...base64(body),
  }),
  'API Gateway v2 and Function URLs': ({ method, headers, body }) => ({
    requestContext: { http: { method } },
    headers: joined(headers),
    ...base64(body),
  }),
  'ALB with multi-value headers': ({ method, headers, body }) => ({
    httpMethod: method,
    multiValueHeaders: lists(headers),
    ...base64(body),
  }),
};

describe.each(Object.entries(doors))('the adapter contract behind %s', (_name, toEvent) => {
  const cases = adapterContract.filter(({ needsHttp, needsConsumed }) => !needsHttp && !needsConsumed);
  test.each(cases.map(({ title, run }) => [title, run] as const))('%s', (_title, run) =>
    run({
      serve: async (handler) => ({
        async send(request) {
          const { statusCode, headers, body, multiValueHeaders } = await blueWebhook(handler)(toEvent(request));
          const read = multiValueHeaders ? last(multiValueHeaders) : headers;
          return { status: statusCode, headers: read, body };
        },
        close: async () => {},
      }),
    }),
  );
});

const secret = 'a secret';
const handler = blueWebhook(createReceiver({ secret }));

test('a body that is plain text is taken as its UTF-8 bytes', async () => {
  const delivery = { event: 'TODO_CREATED', currentValue: { id: '1', title: 'Grüße 👋' } };
  const { body, headers } = await signedDelivery(delivery, { secret });
  const event = { httpMethod: 'POST', headers, body: Buffer.from(body).toString(), isBase64Encoded: false };
  expect(await handler(event)).toEqual({ statusCode: 204, headers: {}, body: '', isBase64Encoded: false });
});

test('an ALB with multi-value headers is answered in multi-value headers, the only ones that it reads', async () => {
  const { statusCode, multiValueHeaders } = await handler({ httpMethod: 'GET', multiValueHeaders: {}, body: null });
  expect(statusCode).toBe(405);
  expect(multiValueHeaders).toEqual({ allow: ['POST'], 'content-type': ['application/json'] });
});

test.each([{}, { httpMethod: 'POST' }, { httpMethod: 'POST', headers: null, body: null }])(
  'an event with next to nothing in it is refused, not a crash',
  async (event) => {
    expect([401, 405]).toContain((await handler(event)).statusCode);
  },
);

test('two spellings of the header are two signatures', async () => {
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  const twice = { 'x-signature': headers['x-signature'], 'X-Signature': headers['x-signature'] };
  expect((await handler({ httpMethod: 'POST', headers: twice, ...base64(body) })).statusCode).toBe(401);
});
