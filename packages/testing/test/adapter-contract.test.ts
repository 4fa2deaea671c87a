import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Outcome } from '@blue-webhooks/core';
import { type ServerType, serve } from '@hono/node-server';
import { describe, expect, test } from 'vitest';
import { adapterContract, type Served } from '../src/adapter-contract';
import { adapt } from './example-adapter';
import { listen, type NodeAdapter, sound, source, underTest } from './node-adapter';

const cases = adapterContract.map(({ title, run }) => [title, run] as const);

test('no two cases have the same title', () => {
  expect(new Set(cases.map(([title]) => title)).size).toBe(cases.length);
});

describe('the adapter of the guide', () => {
  test.each(cases)('%s', (_title, run) =>
    run({
      serve: (handler) => listen(adapt(handler)),
      serveConsumed: (handler) => listen((req, res) => req.resume().on('end', () => adapt(handler)(req, res))),
    }),
  );

  test('is the one that these tests run', () => {
    const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
    expect(read('../ADAPTER-CONTRACT.md')).toContain(`\`\`\`ts\n${read('./example-adapter.ts')}\`\`\``);
  });
});

describe('the same adapter in parts', () => {
  test.each(cases)('%s', (_title, run) => run(underTest(sound)));
});

/** Serves `receiver.fetch` on Node. */
async function onNode(fetch: (request: Request) => Promise<Response>): Promise<Served> {
  const server = await new Promise<ServerType>((resolve) => {
    const started = serve({ fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/blue`,
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('receiver.fetch', () => {
  test.each(cases)('%s', (_title, run) =>
    run({
      serve: ({ fetch }) => onNode(fetch),
      serveConsumed: ({ fetch }) => onNode(async (request) => request.text().then(() => fetch(request))),
    }),
  );
});

async function whole(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Returns the body as text, unless it was already consumed. */
const asText = (toText: (bytes: Buffer) => string) => async (req: IncomingMessage) =>
  req.readableDidRead ? undefined : Buffer.from(toText(await whole(req)));

let first: Buffer | undefined;
const acknowledged: Outcome = {
  status: 204,
  headers: {},
  body: null,
  code: undefined,
  duplicate: false,
  deliveryId: undefined,
  event: undefined,
  webhookId: undefined,
  durationMs: 0,
};

/** Typical flaws of adapters, and the case that detects each. */
const flaws: Record<string, { flaw: Partial<NodeAdapter>; caught: string }> = {
  'serialises the body again': {
    flaw: { body: asText((bytes) => (bytes.length === 0 ? '' : JSON.stringify(JSON.parse(String(bytes))))) },
    caught: 'indented JSON is verified as received',
  },
  'reads the body as Latin-1': {
    flaw: { body: asText((bytes) => bytes.toString('latin1')) },
    caught: 'characters beyond ASCII are verified as bytes, and arrive intact',
  },
  'reads the body as text': {
    flaw: { body: asText(String) },
    caught: 'signed bytes that are not UTF-8 are refused',
  },
  'removes a byte order mark': {
    flaw: { body: asText((bytes) => new TextDecoder().decode(bytes)) },
    caught: 'a signed byte order mark is verified, and refused as invalid JSON',
  },
  'decodes each chunk as text': {
    flaw: {
      body: (req) => (sink) => {
        req.on('data', (bytes) => sink.chunk(String(bytes))).on('end', sink.end);
        return () => {};
      },
    },
    caught: 'a body in pieces, split inside a character, is one body',
  },
  'gives every request the body of the first': {
    flaw: {
      async body(req) {
        const body = await whole(req);
        first ??= body;
        return first;
      },
    },
    caught: 'deliveries that arrive at the same time are kept apart',
  },
  'waits for the end of a body that has ended': {
    flaw: { body: source },
    caught: 'a body that was already consumed is reported immediately',
  },
  'treats a consumed body as an empty one': {
    flaw: { body: (req) => (req.readableDidRead ? new Uint8Array() : source(req)) },
    caught: 'a body that was already consumed is reported immediately',
  },
  'reads to the end without a timeout': {
    flaw: { body: (req) => (req.readableDidRead ? undefined : whole(req)) },
    caught: 'a body that stalls is answered in time',
  },
  'ignores that a body was cut off': {
    flaw: {
      body: (req) => (sink) => {
        req.on('data', sink.chunk).on('end', sink.end);
        return () => {};
      },
    },
    caught: 'a body that is cut off runs no handler, is reported, and leaves the server alive',
  },
  'treats a truncated body as a complete one': {
    flaw: {
      body: (req) => (sink) => {
        req.on('data', sink.chunk).on('end', sink.end).on('close', sink.end);
        return () => {};
      },
    },
    caught: 'a body in pieces that is cut off runs no handler, is reported, and leaves the server alive',
  },
  'closes the connection when the limit is reached': {
    flaw: {
      answer: (res, outcome, req) => (outcome.status === 413 ? void req.destroy() : sound.answer(res, outcome, req)),
    },
    caught: 'a huge body in pieces is refused with an answer, not with a reset connection',
  },
  'takes the first of repeated headers': {
    flaw: { header: (req, name) => req.headersDistinct[name]?.[0] },
    caught: 'a signature that comes twice is refused',
  },
  'takes the last of repeated headers': {
    flaw: { header: (req, name) => req.headersDistinct[name]?.at(-1) },
    caught: 'a wrong signature beside a genuine one is refused, whichever comes last',
  },
  'treats header names as case-sensitive': {
    flaw: { header: (req, name) => req.rawHeaders[req.rawHeaders.indexOf(name) + 1] },
    caught: 'a header name in another case is the same header',
  },
  'writes header values in lower case': {
    flaw: { header: (req, name) => String(req.headers[name] ?? '').toLowerCase() || undefined },
    caught: 'a signature in upper case is refused',
  },
  'treats an empty header as a missing one': {
    flaw: { header: (req, name) => req.headers[name] || undefined },
    caught: 'an empty signature is refused',
  },
  'drops the Content-Encoding': {
    flaw: { header: (req, name) => (name === 'content-encoding' ? undefined : req.headers[name]) },
    caught: 'a compressed body is refused',
  },
  'calls every request a POST': {
    flaw: { raw: (req, facts) => ({ method: 'POST', ...facts, request: req }) },
    caught: 'every method but POST is answered 405 with Allow',
  },
  "keeps the platform's request to itself": {
    flaw: { raw: (req, facts) => ({ method: req.method ?? '', ...facts }) },
    caught: "a secret function receives the webhook's id and the platform's request",
  },
  'responds before the handlers have finished': {
    flaw: {
      async take(handler, raw) {
        handler.handle(raw);
        return acknowledged;
      },
    },
    caught: 'a handler that throws is answered so that the sender retries',
  },
  'drops the headers of the response': {
    flaw: { answer: (res, { status, body }) => void res.writeHead(status).end(body) },
    caught: 'every method but POST is answered 405 with Allow',
  },
  'reveals the reason to a forger in the body': {
    flaw: {
      answer: (res, { status, headers, body, code }) =>
        void res.writeHead(status, { ...headers }).end(body && JSON.stringify({ error: code })),
    },
    caught: 'a missing signature is refused',
  },
  'reveals the reason to a forger in a header': {
    flaw: {
      answer: (res, { status, headers, body, code }) =>
        void res.writeHead(status, { ...headers, 'x-reason': String(code).length }).end(body),
    },
    caught: 'every 401 is the same response, headers included',
  },
  'shows the signature in a header': {
    flaw: {
      answer: (res, { status, headers, body }, req) =>
        void res.writeHead(status, { ...headers, 'x-echo': req.headers['x-signature'] ?? '' }).end(body),
    },
    caught: 'a genuine delivery reaches its handler',
  },
  'always responds 200': {
    flaw: { answer: (res, { body }) => void res.writeHead(200).end(body) },
    caught: 'a genuine delivery reaches its handler',
  },
};

describe('the contract detects an adapter that', () => {
  test.concurrent.each(Object.entries(flaws))('%s', async (_name, { flaw, caught }) => {
    const run = cases.find(([title]) => title === caught)?.[1];
    await expect(run?.(underTest({ ...sound, ...flaw }))).rejects.toSatisfy((error) => !(error instanceof TypeError));
  });
});

test('a case reports the part of an adapter that is missing', async () => {
  const nowhere = { serve: async () => ({ send: () => Promise.reject(new Error('unused')), close: async () => {} }) };
  const needsHttp = adapterContract.filter((one) => one.needsHttp && one.title.startsWith('HTTP/1.0'));
  const needsConsumed = adapterContract.filter((one) => one.needsConsumed);
  for (const { run } of [...needsHttp, ...needsConsumed]) await expect(run(nowhere)).rejects.toThrow(TypeError);
});
