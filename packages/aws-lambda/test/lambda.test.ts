import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
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

test.each<[string, object]>([
  ['no headers and no body', { httpMethod: 'POST' }],
  ['null headers and a null body', { httpMethod: 'POST', headers: null, multiValueHeaders: null, body: null }],
  ['an empty body in base64', { httpMethod: 'POST', body: '', isBase64Encoded: true }],
  ['undefined in every optional field', { httpMethod: 'POST', headers: undefined, body: undefined }],
])('answers 401 to an unsigned event with %s', async (_what, event) => {
  expect((await handler(event as LambdaHttpEvent)).statusCode).toBe(401);
});

const text = 'some private text';
test.each<[string, unknown, string]>([
  ['null', null, 'null'],
  ['undefined', undefined, 'undefined'],
  ['a string', `{"body":"${text}"}`, 'a string'],
  ['a number', 7, 'a number'],
  ['an array', [{ body: text }], 'an array'],
  ['an empty object', {}, 'an object without an HTTP method'],
  ['a WebSocket event', { requestContext: { connectionId: text, eventType: 'MESSAGE' }, body: text }, 'an object'],
  ['an SQS event', { Records: [{ eventSource: 'aws:sqs', body: text }] }, 'an SQS event'],
  ['an SNS event', { Records: [{ EventSource: 'aws:sns', Sns: { Message: text } }] }, 'an SNS event'],
  ['an S3 event', { Records: [{ eventSource: 'aws:s3', s3: { object: { key: text } } }] }, 'an event with `Records`'],
  ['an event with no records', { Records: [] }, 'an object'],
  ['an EventBridge event', { 'detail-type': text, source: 'aws.s3', detail: { text } }, 'an EventBridge event'],
  ['a delivery without the proxy integration', { event: 'TODO_CREATED', currentValue: { title: text } }, 'the proxy'],
  ['a request context of another kind', { requestContext: { http: text } }, 'an object without an HTTP method'],
  ['a request context that is null', { requestContext: null, body: text }, 'an object without an HTTP method'],
  ['a method that is not a string', { httpMethod: { text } }, 'an object without an HTTP method'],
])('rejects %s with a TypeError that names the events it takes', async (_what, event, kind) => {
  const error = await handler(event as LambdaHttpEvent).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TypeError);
  const { message } = error as TypeError;
  for (const part of ['API Gateway', '(v1', '(v2)', 'Function URLs', 'Application Load Balancers', kind]) {
    expect(message).toContain(part);
  }
  expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(text);
});

/** A genuine delivery as each source encodes it, with the body changed by a middleware. */
async function changed(toEvent: (typeof doors)[keyof typeof doors], change: (event: LambdaHttpEvent) => object) {
  const codes: string[] = [];
  const receiver = createReceiver({ secret, onFailure: ({ code }) => codes.push(code) });
  const delivery = await signedDelivery('TODO_CREATED', { secret });
  const event = toEvent({ method: 'POST', ...delivery }) as LambdaHttpEvent;
  const { statusCode, body } = await blueWebhook(receiver)({ ...event, ...change(event) });
  return { statusCode, body, codes };
}
const bytesOf = ({ body, isBase64Encoded }: LambdaHttpEvent) =>
  Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');

describe.each(Object.entries(doors))('behind %s', (_door, toEvent) => {
  test.each<[string, (event: LambdaHttpEvent) => object]>([
    ['parsed to an object', (event) => ({ body: JSON.parse(String(bytesOf(event))) })],
    ['parsed to an array', () => ({ body: [] })],
    ['parsed to a number', () => ({ body: 7 })],
    ['parsed to a boolean', () => ({ body: false })],
    ['decoded while isBase64Encoded stayed true', (event) => ({ body: String(bytesOf(event)), isBase64Encoded: true })],
    [
      'cut short in base64',
      (event) => ({ body: bytesOf(event).toString('base64').slice(0, -1), isBase64Encoded: true }),
    ],
    [
      'broken into lines of base64',
      (event) => ({ body: `${bytesOf(event).toString('base64')}\n`, isBase64Encoded: true }),
    ],
    [
      'detached',
      (event) => {
        const bytes = Uint8Array.from(bytesOf(event));
        structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
        return { body: bytes };
      },
    ],
    [
      'in a buffer that was shrunk',
      (event) => {
        const { length } = bytesOf(event);
        const buffer = Reflect.construct(ArrayBuffer, [length, { maxByteLength: length }]);
        const body = new Uint8Array(buffer, 0, length);
        (buffer as { resize?: (bytes: number) => void }).resize?.(1);
        return { body };
      },
    ],
  ])('answers 500 BODY_ALREADY_READ for a body that was %s', async (_what, change) => {
    expect(await changed(toEvent, change)).toEqual({
      statusCode: 500,
      body: '{"error":"BODY_ALREADY_READ"}',
      codes: ['BODY_ALREADY_READ'],
    });
  });

  test.each<[string, (event: LambdaHttpEvent) => object]>([
    ['a Buffer', (event) => ({ body: bytesOf(event) })],
    ['a Uint8Array', (event) => ({ body: Uint8Array.from(bytesOf(event)) })],
    ['a Uint8Array of another realm', (event) => ({ body: runInNewContext('Uint8Array').from(bytesOf(event)) })],
    ['an ArrayBuffer', (event) => ({ body: Uint8Array.from(bytesOf(event)).buffer })],
    ['a DataView', (event) => ({ body: new DataView(Uint8Array.from(bytesOf(event)).buffer) })],
  ])('accepts a body that was decoded to %s', async (_what, change) => {
    expect((await changed(toEvent, change)).statusCode).toBe(204);
  });
});

test.each<[string, (headers: Record<string, string>) => object]>([
  ['empty multiValueHeaders beside headers', (headers) => ({ headers, multiValueHeaders: {} })],
  ['null multiValueHeaders beside headers', (headers) => ({ headers, multiValueHeaders: null })],
  ['multiValueHeaders without the signature', (headers) => ({ headers, multiValueHeaders: { host: ['a'] } })],
  ['an empty list of signatures', (headers) => ({ headers, multiValueHeaders: { 'X-Signature': [] } })],
  ['an undefined list of signatures', (headers) => ({ headers, multiValueHeaders: { 'x-signature': undefined } })],
  ['multiValueHeaders beside empty headers', (headers) => ({ headers: {}, multiValueHeaders: lists(headers) })],
  ['multiValueHeaders beside null headers', (headers) => ({ headers: null, multiValueHeaders: lists(headers) })],
  ['multiValueHeaders in another case', (headers) => ({ headers: {}, multiValueHeaders: lists(headers, true) })],
  ['both', (headers) => ({ headers, multiValueHeaders: lists(headers) })],
])('finds the signature with %s', async (_what, place) => {
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  const event = { httpMethod: 'POST', body: Buffer.from(body).toString(), ...place(headers) };
  expect((await handler(event)).statusCode).toBe(204);
});

function lists(headers: Record<string, string>, upperCase = false): Record<string, string[]> {
  const name = (key: string) => (upperCase ? key.toUpperCase() : key);
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [name(key), [value]]));
}

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
