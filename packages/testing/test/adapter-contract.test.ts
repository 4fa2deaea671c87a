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

describe('the adapter that the guide shows', () => {
  test.each(cases)('%s', (_title, run) =>
    run({
      serve: (handler) => listen(adapt(handler)),
      serveConsumed: (handler) => listen((req, res) => req.resume().on('end', () => adapt(handler)(req, res))),
    }),
  );

  test('is the one that runs here', () => {
    const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
    expect(read('../ADAPTER-CONTRACT.md')).toContain(`\`\`\`ts\n${read('./example-adapter.ts')}\`\`\``);
  });
});

describe('the same adapter in parts', () => {
  test.each(cases)('%s', (_title, run) => run(underTest(sound)));
});

/** `receiver.fetch` on Node, which is how it serves there. */
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

/** The body as someone's text, unless another has consumed it. */
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

/** What adapters get wrong, and the case that says so. */
const flaws: Record<string, { flaw: Partial<NodeAdapter>; caught: string }> = {
  'writes the body anew from its JSON': {
    flaw: { body: asText((bytes) => (bytes.length === 0 ? '' : JSON.stringify(JSON.parse(String(bytes))))) },
    caught: 'indented JSON is verified as it travels',
  },
  'reads the body as Latin-1': {
    flaw: { body: asText((bytes) => bytes.toString('latin1')) },
    caught: 'characters beyond ASCII are verified as bytes, and arrive whole',
  },
  'reads the body as text': {
    flaw: { body: asText(String) },
    caught: 'signed bytes that are not UTF-8 are refused',
  },
  'removes a byte order mark': {
    flaw: { body: asText((bytes) => new TextDecoder().decode(bytes)) },
    caught: 'a signed byte order mark is verified, and is no JSON',
  },
  'turns each piece into text': {
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
    caught: 'a body that someone else has consumed is said to be gone, at once',
  },
  'takes a consumed body for an empty one': {
    flaw: { body: (req) => (req.readableDidRead ? new Uint8Array() : source(req)) },
    caught: 'a body that someone else has consumed is said to be gone, at once',
  },
  'reads to the end, however long that takes': {
    flaw: { body: (req) => (req.readableDidRead ? undefined : whole(req)) },
    caught: 'a body that stalls is answered in time',
  },
  'does not notice that a body was cut off': {
    flaw: {
      body: (req) => (sink) => {
        req.on('data', sink.chunk).on('end', sink.end);
        return () => {};
      },
    },
    caught: 'a body that is cut off runs no handler, is reported, and leaves the server alive',
  },
  'takes a body that was cut off for a whole one': {
    flaw: {
      body: (req) => (sink) => {
        req.on('data', sink.chunk).on('end', sink.end).on('close', sink.end);
        return () => {};
      },
    },
    caught: 'a body in pieces that is cut off runs no handler, is reported, and leaves the server alive',
  },
  'cuts the connection when it has had enough': {
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
  'minds the case of header names': {
    flaw: { header: (req, name) => req.rawHeaders[req.rawHeaders.indexOf(name) + 1] },
    caught: 'a header name in another case is the same header',
  },
  'writes header values in lower case': {
    flaw: { header: (req, name) => String(req.headers[name] ?? '').toLowerCase() || undefined },
    caught: 'a signature in upper case is refused',
  },
  'takes an empty header for a missing one': {
    flaw: { header: (req, name) => req.headers[name] || undefined },
    caught: 'an empty signature is refused',
  },
  'keeps the Content-Encoding to itself': {
    flaw: { header: (req, name) => (name === 'content-encoding' ? undefined : req.headers[name]) },
    caught: 'a compressed body is refused',
  },
  'calls every request a POST': {
    flaw: { raw: (req, facts) => ({ method: 'POST', ...facts, request: req }) },
    caught: 'every method but POST is answered 405 with Allow',
  },
  "keeps the platform's request to itself": {
    flaw: { raw: (req, facts) => ({ method: req.method ?? '', ...facts }) },
    caught: "a secret function is handed the webhook's id and the platform's request",
  },
  'answers before the handlers have': {
    flaw: {
      async take(handler, raw) {
        handler.handle(raw);
        return acknowledged;
      },
    },
    caught: 'a handler that throws asks for another attempt',
  },
  'drops the headers of the answer': {
    flaw: { answer: (res, { status, body }) => void res.writeHead(status).end(body) },
    caught: 'every method but POST is answered 405 with Allow',
  },
  'tells a forger why in the body': {
    flaw: {
      answer: (res, { status, headers, body, code }) =>
        void res.writeHead(status, { ...headers }).end(body && JSON.stringify({ error: code })),
    },
    caught: 'a missing signature is refused',
  },
  'tells a forger why in a header': {
    flaw: {
      answer: (res, { status, headers, body, code }) =>
        void res.writeHead(status, { ...headers, 'x-reason': String(code).length }).end(body),
    },
    caught: 'every 401 is one and the same answer, headers included',
  },
  'shows the signature in a header': {
    flaw: {
      answer: (res, { status, headers, body }, req) =>
        void res.writeHead(status, { ...headers, 'x-echo': req.headers['x-signature'] ?? '' }).end(body),
    },
    caught: 'a genuine delivery reaches its handler',
  },
  'says 200 whatever happened': {
    flaw: { answer: (res, { body }) => void res.writeHead(200).end(body) },
    caught: 'a genuine delivery reaches its handler',
  },
};

describe('an adapter is found out that', () => {
  test.concurrent.each(Object.entries(flaws))('%s', async (_name, { flaw, caught }) => {
    const run = cases.find(([title]) => title === caught)?.[1];
    await expect(run?.(underTest({ ...sound, ...flaw }))).rejects.toSatisfy((error) => !(error instanceof TypeError));
  });
});

test('a case says which part of an adapter it misses', async () => {
  const nowhere = { serve: async () => ({ send: () => Promise.reject(new Error('unused')), close: async () => {} }) };
  const needsHttp = adapterContract.filter((one) => one.needsHttp && one.title.startsWith('HTTP/1.0'));
  const needsConsumed = adapterContract.filter((one) => one.needsConsumed);
  for (const { run } of [...needsHttp, ...needsConsumed]) await expect(run(nowhere)).rejects.toThrow(TypeError);
});
