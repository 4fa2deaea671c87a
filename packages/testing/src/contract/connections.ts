import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { createReceiver, type Receiver, type SecretQuery } from '@blue-webhooks/core';
import { fixtures } from '../fixtures';
import type { AdapterUnderTest, ContractCase } from './adapter';
import { exchange, urlOf, whileServed } from './exchange';
import { bytes, inPieces, limitBytes, secret, signed, tampered, withSignature } from './requests';
import { type ContractRequest, sendOverHttp, sendRaw } from './send';
import { within } from './within';

/** A receiver that records the titles of received records, and the codes of its failures. */
function listening({ maxBodyBytes = limitBytes } = {}) {
  const titles: unknown[] = [];
  const codes: string[] = [];
  let failed: (code: string) => void = () => {};
  const firstCode = new Promise<string>((resolve) => {
    failed = resolve;
  });
  const onFailure = ({ code }: { code: string }) => {
    codes.push(code);
    failed(code);
  };
  const receiver = createReceiver({ secret, maxBodyBytes, onFailure }).on('TODO_CREATED', ({ currentValue }) => {
    titles.push(currentValue.title);
  });
  return { receiver, titles, codes, firstCode };
}

const titled = (title: string) => signed({ event: 'TODO_CREATED', currentValue: { id: '1', title } });

/** Returns a request as raw bytes, with explicit connection headers. */
function onTheWire({ method, headers, body }: ContractRequest, url: string, connection: string, version = '1.1') {
  const { host, pathname } = new URL(url);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = `content-length: ${body.length}\r\n`;
  const head = `${method} ${pathname} HTTP/${version}\r\nhost: ${host}\r\n${lines.join('')}${length}connection: ${connection}\r\n\r\n`;
  return { head: bytes(head), whole: Buffer.concat([bytes(head), body]) };
}

const http = { needsHttp: true, needsConsumed: false };
const anywhere = { needsHttp: false, needsConsumed: false };

/** Cases that need more than one request, or control over the connection. */
export const connections: readonly ContractCase[] = [
  {
    title: 'every method but POST is answered 405 with Allow',
    ...anywhere,
    async run(adapter) {
      for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const { receiver, codes } = listening();
        const request = { method, headers: {}, body: bytes('') };
        const answer = await whileServed(adapter, receiver, (served) => exchange(served, request));
        strictEqual(answer.status, 405, method);
        strictEqual(answer.headers.allow, 'POST', method);
        if (method !== 'HEAD') strictEqual(answer.body, '{"error":"METHOD_NOT_ALLOWED"}', method);
        deepStrictEqual(codes, ['METHOD_NOT_ALLOWED'], method);
      }
    },
  },
  {
    title: "a secret function receives the webhook's id and the platform's request",
    ...anywhere,
    async run(adapter) {
      const queries: SecretQuery[] = [];
      const receiver = createReceiver({
        secret: (query) => {
          queries.push(query);
          return secret;
        },
      });
      strictEqual((await ask(adapter, receiver, await signed('TODO_CREATED'))).status, 204);
      strictEqual(queries.length, 1);
      strictEqual(queries[0]?.webhookId, fixtures.TODO_CREATED.webhook.id);
      ok(queries[0]?.request, 'RawDelivery.request is missing');
    },
  },
  {
    title: 'every 401 is the same response, headers included',
    ...anywhere,
    async run(adapter) {
      const unknown = createReceiver({ secret: () => undefined });
      const known = createReceiver({ secret });
      const answers = [
        await ask(adapter, known, await tampered()),
        await ask(adapter, known, await withSignature(() => undefined)),
        await ask(adapter, known, await withSignature((signature) => signature.slice(1))),
        await ask(adapter, unknown, await signed('TODO_CREATED')),
      ];
      for (const answer of answers) deepStrictEqual(answer, answers[0]);
    },
  },
  {
    title: 'deliveries that arrive at the same time are kept apart',
    ...anywhere,
    async run(adapter) {
      const { receiver, titles } = listening();
      const expected = Array.from({ length: 20 }, (_, place) => `record ${place}`);
      const requests = await Promise.all(expected.map(titled));
      const answers = await whileServed(adapter, receiver, (served) =>
        Promise.all(requests.map((request) => exchange(served, request))),
      );
      deepStrictEqual(new Set(answers.map(({ status }) => status)), new Set([204]));
      deepStrictEqual(titles.map(String).sort(), expected.sort());
    },
  },
  ...[false, true].map((pieces) => ({
    title: `a body${pieces ? ' in pieces' : ''} that is cut off runs no handler, is reported, and leaves the server alive`,
    ...http,
    async run(adapter: AdapterUnderTest) {
      const { receiver, titles, codes, firstCode } = listening();
      await whileServed(adapter, receiver, async (served) => {
        const whole = titled('cut off');
        const cut = { ...(await (pieces ? inPieces(whole, 8) : whole)), stopAfter: 16, ending: 'cut' } as const;
        await sendOverHttp(urlOf(served), cut).catch(() => {});
        strictEqual(await within(firstCode, 'onFailure to be called for a body that was cut off'), 'BODY_INCOMPLETE');
        strictEqual((await exchange(served, await titled('whole'))).status, 204);
      });
      deepStrictEqual(titles, ['whole']);
      deepStrictEqual(codes, ['BODY_INCOMPLETE']);
    },
  })),
  {
    title: 'HTTP/1.0 is answered like HTTP/1.1',
    ...http,
    async run(adapter) {
      const { receiver, titles } = listening();
      const genuine = await titled('of old');
      const answer = await whileServed(adapter, receiver, (served) => {
        const url = urlOf(served);
        return within(sendRaw(url, [onTheWire(genuine, url, 'close', '1.0').whole]), 'an answer');
      });
      deepStrictEqual(statuses(answer), ['204']);
      deepStrictEqual(titles, ['of old']);
    },
  },
  {
    title: 'a sender that waits for 100 Continue gets it',
    ...http,
    async run(adapter) {
      const { receiver, titles } = listening();
      const { headers, ...rest } = await titled('patient');
      const genuine = { ...rest, headers: { ...headers, expect: '100-continue' } };
      const answer = await whileServed(adapter, receiver, (served) => {
        const url = urlOf(served);
        return within(sendRaw(url, [onTheWire(genuine, url, 'close').head, genuine.body]), 'an answer');
      });
      deepStrictEqual(statuses(answer), ['100', '204']);
      deepStrictEqual(titles, ['patient']);
    },
  },
  {
    title: 'pipelined requests on one connection are answered in order',
    ...http,
    async run(adapter) {
      const { receiver, titles } = listening();
      const [first, forgery, second] = [await titled('first'), await tampered(), await titled('second')];
      const answer = await whileServed(adapter, receiver, (served) => {
        const url = urlOf(served);
        const ahead = [onTheWire(first, url, 'keep-alive'), onTheWire(forgery, url, 'keep-alive')];
        const whole = Buffer.concat([...ahead, onTheWire(second, url, 'close')].map((request) => request.whole));
        return within(sendRaw(url, [whole]), 'the answers');
      });
      deepStrictEqual(statuses(answer), ['204', '401', '204']);
      deepStrictEqual(titles, ['first', 'second']);
    },
  },
  {
    title: 'a genuine request inside the body of a refused one is never handled as a request',
    ...http,
    async run(adapter) {
      const { receiver, titles, codes } = listening();
      const smuggled = await titled('smuggled');
      const answer = await whileServed(adapter, receiver, (served) => {
        const url = urlOf(served);
        const inner = onTheWire(smuggled, url, 'close').whole;
        const body = Buffer.concat([inner, Buffer.alloc(limitBytes)]);
        return within(sendRaw(url, [onTheWire({ ...smuggled, body }, url, 'close').whole]), 'an answer');
      });
      deepStrictEqual(statuses(answer), ['413']);
      deepStrictEqual(titles, []);
      deepStrictEqual(codes, ['BODY_TOO_LARGE']);
    },
  },
];

async function ask(adapter: AdapterUnderTest, receiver: Receiver, request: ContractRequest) {
  const { status, headers, body } = await whileServed(adapter, receiver, (served) => exchange(served, request));
  const { date: _, ...others } = headers;
  return { status, headers: { ...others }, body };
}

const statuses = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
