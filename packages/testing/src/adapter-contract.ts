import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import {
  createReceiver,
  type Delivery,
  type DeliveryHandler,
  type ReceiverOptions,
  UnrecoverableError,
} from '@blue-webhooks/core';
import { type ContractAnswer, type ContractRequest, sendOverHttp } from './contract-http';
import { fixtures } from './fixtures';
import { type Deliverable, signedDelivery } from './signed-delivery';

export type { ContractAnswer, ContractRequest } from './contract-http';

/** A handler that now stands behind an adapter: at a URL, or for what has no HTTP of its own, behind a function. */
export type Served = { close(): Promise<void> } & (
  | { readonly url: string }
  | { send(request: ContractRequest): Promise<ContractAnswer> }
);

/** How the contract gets at an adapter. */
export interface AdapterUnderTest {
  /** Puts the handler behind the adapter, all methods routed to it. */
  serve(handler: DeliveryHandler): Promise<Served>;
}

/** One promise that every adapter keeps. */
export interface ContractCase {
  readonly title: string;
  /** Whether it needs an adapter with a URL: it sends a body in pieces, slowly, or not to its end. */
  readonly needsHttp: boolean;
  /** Rejects with an AssertionError where the adapter breaks it. */
  run(adapter: AdapterUnderTest): Promise<void>;
}

const secret = 'a secret for the adapter contract';
const limit = 4_096;
const text = (value: string) => new TextEncoder().encode(value);

interface Expected {
  readonly status: number;
  /** What the sender is told; absent where the answer has no body. */
  readonly error?: string;
  /** What `onFailure` is told. */
  readonly code?: string;
  /** How often a handler ran. */
  readonly handled?: number;
}

interface Row extends Expected {
  readonly title: string;
  readonly request: () => Promise<ContractRequest> | ContractRequest;
  readonly options?: Partial<ReceiverOptions>;
  readonly handler?: (delivery: Delivery) => unknown;
  readonly needsHttp?: boolean;
}

async function signed(event: Deliverable, more: Partial<ContractRequest> = {}): Promise<ContractRequest> {
  const { body, headers } = await signedDelivery(event, { secret });
  return { method: 'POST', headers, body, ...more };
}

/** The published delivery with its signature replaced by what `change` makes of it. */
async function withSignature(change: (signature: string) => string | string[] | undefined): Promise<ContractRequest> {
  const request = await signed('TODO_CREATED');
  const signature = change(request.headers['x-signature'] as string);
  const { 'x-signature': _, ...headers } = request.headers;
  return { ...request, headers: signature === undefined ? headers : { ...headers, 'x-signature': signature } };
}

async function withHeader(name: string, value: string): Promise<ContractRequest> {
  const request = await signed('TODO_CREATED');
  return { ...request, headers: { ...request.headers, [name]: value } };
}

/** A genuine delivery of exactly so many bytes. */
function sized(bytes: number): Promise<ContractRequest> {
  const frame = JSON.stringify({ event: 'TODO_CREATED', currentValue: { id: '1', title: '' } }).length;
  return signed({ event: 'TODO_CREATED', currentValue: { id: '1', title: 'x'.repeat(bytes - frame) } });
}

async function inPieces(request: Promise<ContractRequest>, size: number): Promise<ContractRequest> {
  const { body, ...rest } = await request;
  const pieces = [];
  for (let start = 0; start < body.length; start += size) pieces.push(body.subarray(start, start + size));
  return { ...rest, body, pieces };
}

const ok = { status: 204 } as const;
const handled = { status: 204, handled: 1 } as const;
const forged = (code: string) => ({ status: 401, error: 'SIGNATURE_INVALID', code }) as const;
const refused = (status: number, code: string) => ({ status, error: code, code }) as const;
const wide = { event: 'TODO_CREATED', currentValue: { id: '1', title: 'Grüße 👋🏽 日本語 \u2028' } };

const rows: Row[] = [
  { title: 'a genuine delivery reaches its handler', request: () => signed('TODO_CREATED'), ...handled },
  { title: 'an event without a handler is acknowledged', request: () => signed('TAG_CREATED'), ...ok },
  { title: 'an event that nobody knows yet is acknowledged', request: () => signed('TODO_ARCHIVED'), ...handled },
  { title: 'a health check is acknowledged', request: () => signed('WEBHOOK_HEALTH_CHECK'), ...ok },
  {
    title: 'a field of another type than documented costs no attempt',
    request: () => signed({ event: 'TODO_CREATED', currentValue: { id: '1', title: 'T', done: 'yes' } }),
    ...handled,
  },
  { title: 'characters beyond ASCII are verified as bytes', request: () => signed(wide), ...handled },
  {
    title: 'indented JSON is verified as it travels',
    request: () => signed(text(JSON.stringify(fixtures.TODO_CREATED, null, 2))),
    ...handled,
  },
  {
    title: 'Content-Encoding: identity is no encoding',
    request: () => withHeader('content-encoding', 'identity'),
    ...handled,
  },
  {
    title: 'a header name in another case is the same header',
    request: async () => {
      const { headers, ...rest } = await signed('TODO_CREATED');
      return { ...rest, headers: { 'X-SIGNATURE': headers['x-signature'] as string } };
    },
    ...handled,
  },
  {
    title: 'one byte changed is a forgery',
    request: async () => {
      const request = await signed('TODO_CREATED');
      const body = request.body.slice();
      body[100] = (body[100] as number) ^ 1;
      return { ...request, body };
    },
    ...forged('SIGNATURE_MISMATCH'),
  },
  {
    title: 'a body written anew from its JSON is a forgery',
    request: async () => {
      const request = await signed(
        text('{ "event": "TODO_CREATED", "currentValue": { "id": "1", "title": "T", "position": 1.0 } }'),
      );
      return { ...request, body: text(JSON.stringify(JSON.parse(new TextDecoder().decode(request.body)))) };
    },
    ...forged('SIGNATURE_MISMATCH'),
  },
  {
    title: 'the signature of another body is a forgery',
    request: async () => ({
      ...(await signed('TODO_CREATED')),
      headers: (await signed('TAG_CREATED')).headers,
    }),
    ...forged('SIGNATURE_MISMATCH'),
  },
  {
    title: 'a missing signature is refused',
    request: () => withSignature(() => undefined),
    ...forged('SIGNATURE_MISSING'),
  },
  {
    title: 'a signature in upper case is refused',
    request: () => withSignature((s) => s.toUpperCase()),
    ...forged('SIGNATURE_MALFORMED'),
  },
  {
    title: 'a signature with a prefix is refused',
    request: () => withSignature((s) => `sha256=${s}`),
    ...forged('SIGNATURE_MALFORMED'),
  },
  {
    title: 'a truncated signature is refused',
    request: () => withSignature((s) => s.slice(0, 63)),
    ...forged('SIGNATURE_MALFORMED'),
  },
  {
    title: 'a signature with characters outside hex is refused',
    request: () => withSignature((s) => `zz${s.slice(2)}`),
    ...forged('SIGNATURE_MALFORMED'),
  },
  {
    title: 'a signature that comes twice is refused',
    request: () => withSignature((s) => [s, s]),
    ...forged('SIGNATURE_MALFORMED'),
  },
  {
    title: 'an empty body is a forgery like any other',
    request: async () => ({ ...(await signed('TODO_CREATED')), body: text('') }),
    ...forged('SIGNATURE_MISMATCH'),
  },
  {
    title: 'a webhook whose secret is not known is answered like a forgery',
    request: () => signed('TODO_CREATED'),
    options: { secret: () => undefined },
    ...forged('SECRET_UNKNOWN'),
  },
  {
    title: 'a failing secret lookup asks for another attempt',
    request: () => signed('TODO_CREATED'),
    options: {
      secret: () => {
        throw new Error('the database is down');
      },
    },
    ...refused(503, 'SECRET_LOOKUP_FAILED'),
  },
  {
    title: 'a body of exactly the limit is read',
    request: () => sized(limit),
    options: { maxBodyBytes: limit },
    ...handled,
  },
  {
    title: 'a body one byte over the limit is refused',
    request: () => sized(limit + 1),
    options: { maxBodyBytes: limit },
    ...refused(413, 'BODY_TOO_LARGE'),
  },
  {
    title: 'a compressed body is refused',
    request: () => withHeader('content-encoding', 'gzip'),
    ...refused(415, 'BODY_ENCODED'),
  },
  {
    title: 'signed bytes that are not UTF-8 are refused',
    request: () => signed(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])),
    ...refused(400, 'BODY_NOT_UTF8'),
  },
  {
    title: 'a signed byte order mark is verified, and is no JSON',
    request: () => signed(text(`\ufeff${JSON.stringify(wide)}`)),
    ...refused(400, 'BODY_NOT_JSON'),
  },
  {
    title: 'a signed body that is no JSON object is refused',
    request: () => signed(text('[]')),
    ...refused(400, 'BODY_NOT_JSON'),
  },
  { title: 'a signed empty body is no JSON', request: () => signed(text('')), ...refused(400, 'BODY_NOT_JSON') },
  {
    title: 'a signed body without an event is refused',
    request: () => signed({ webhook: {} }),
    ...refused(400, 'EVENT_MISSING'),
  },
  {
    title: 'a handler that fails asks for another attempt',
    request: () => signed('TODO_CREATED'),
    handler: () => {
      throw new Error('no luck');
    },
    ...refused(500, 'HANDLER_FAILED'),
    handled: 1,
  },
  {
    title: 'a handler that throws nothing at all has failed too',
    request: () => signed('TODO_CREATED'),
    handler: () => Promise.reject(undefined),
    ...refused(500, 'HANDLER_FAILED'),
    handled: 1,
  },
  {
    title: 'a handler that gives a delivery up is acknowledged and reported',
    request: () => signed('TODO_CREATED'),
    handler: () => {
      throw new UnrecoverableError('never');
    },
    ...handled,
    code: 'HANDLER_FAILED',
  },
  {
    title: 'handlers still running at the deadline are aborted',
    request: () => signed('TODO_CREATED'),
    options: { deadlineMs: 50 },
    handler: ({ signal }) => aborted(signal),
    ...refused(503, 'DEADLINE_EXCEEDED'),
    handled: 1,
  },
  {
    title: 'a body in pieces, split inside a character, is one body',
    request: () => inPieces(signed(wide), 1),
    ...handled,
    needsHttp: true,
  },
  {
    title: 'a body in pieces over the limit is refused with an answer',
    request: () => inPieces(sized(limit * 20), 1_024),
    options: { maxBodyBytes: limit },
    ...refused(413, 'BODY_TOO_LARGE'),
    needsHttp: true,
  },
  {
    title: 'a body that stalls is answered in time',
    request: async () => ({ ...(await signed('TODO_CREATED')), stopAfter: 10, ending: 'wait' }),
    options: { bodyTimeoutMs: 50 },
    ...refused(408, 'BODY_TIMEOUT'),
    needsHttp: true,
  },
];

/** A promise that settles only when the handler is told to stop. */
const aborted = (signal: AbortSignal) => new Promise((resolve) => signal.addEventListener('abort', resolve));

async function check(adapter: AdapterUnderTest, row: Row): Promise<void> {
  const codes: string[] = [];
  let runs = 0;
  const run = (_event: unknown, delivery: Delivery) => {
    runs += 1;
    return row.handler?.(delivery);
  };
  const receiver = createReceiver({
    secret,
    onFailure: (error) => codes.push(error.code),
    ...row.options,
  } as ReceiverOptions)
    .on('TODO_CREATED', run)
    .onUnknown(run);
  const answer = await exchange(adapter, receiver, await row.request());
  strictEqual(answer.status, row.status);
  strictEqual(answer.body, row.error === undefined ? '' : JSON.stringify({ error: row.error }));
  if (row.error) strictEqual(answer.headers['content-type'], 'application/json');
  strictEqual(runs, row.handled ?? 0);
  deepStrictEqual(codes, row.code === undefined ? [] : [row.code]);
}

async function exchange(
  adapter: AdapterUnderTest,
  handler: DeliveryHandler,
  request: ContractRequest,
): Promise<ContractAnswer> {
  const served = await adapter.serve(handler);
  try {
    return await ('url' in served ? sendOverHttp(served.url, request) : served.send(request));
  } finally {
    await served.close();
  }
}

const otherMethods: ContractCase = {
  title: 'every method but POST is answered 405 with Allow',
  needsHttp: false,
  async run(adapter) {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const codes: string[] = [];
      const receiver = createReceiver({ secret, onFailure: (error) => codes.push(error.code) });
      const answer = await exchange(adapter, receiver, { method, headers: {}, body: text('') });
      strictEqual(answer.status, 405, method);
      strictEqual(answer.headers.allow, 'POST', method);
      deepStrictEqual(codes, ['METHOD_NOT_ALLOWED'], method);
    }
  },
};

const cutOff: ContractCase = {
  title: 'a body that is cut off runs no handler, is reported, and leaves the server alive',
  needsHttp: true,
  async run(adapter) {
    let runs = 0;
    let report: (code: string) => void = () => {};
    const reported = new Promise<string>((resolve) => {
      report = resolve;
    });
    const receiver = createReceiver({ secret, onFailure: ({ code }) => report(code) }).on('TODO_CREATED', () => {
      runs += 1;
    });
    const served = await adapter.serve(receiver);
    try {
      if (!('url' in served)) throw new TypeError('This case needs an adapter with a URL.');
      const cut = await signed('TODO_CREATED', { stopAfter: 10, ending: 'cut' });
      await sendOverHttp(served.url, cut).catch(() => {});
      strictEqual(await reported, 'BODY_INCOMPLETE');
      strictEqual(runs, 0);
      strictEqual((await sendOverHttp(served.url, await signed('TODO_CREATED'))).status, 204);
      strictEqual(runs, 1);
    } finally {
      await served.close();
    }
  },
};

/**
 * What every adapter promises, as cases for any test runner. An adapter that passes them all answers like the others.
 *
 * @example
 * for (const { title, run } of adapterContract) test(title, () => run({ serve }));
 */
export const adapterContract: readonly ContractCase[] = [
  ...rows.map((row) => ({
    title: row.title,
    needsHttp: row.needsHttp ?? false,
    run: (adapter: AdapterUnderTest) => check(adapter, row),
  })),
  otherMethods,
  cutOff,
];
