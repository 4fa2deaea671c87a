import {
  createReceiver,
  eventNames,
  memoryLedger,
  type ReceiverOptions,
  safeVerify,
  UnrecoverableError,
  verify,
  verifyRequest,
  WebhookError,
} from '@blue-webhooks/core';
import { parseVerified } from '@blue-webhooks/core/adapter';
import { sign, verifySignature } from '@blue-webhooks/core/verify';
import {
  fixtures,
  type SubscribableEvent,
  samples,
  sampleSecret as secret,
  signedRequest,
} from '@blue-webhooks/testing';
import { type Case, same } from './case';

const url = 'https://receiver.example/webhooks/blue';
const encoder = new TextEncoder();

const codeOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return WebhookError.is(error) ? error.code : String(error);
};

async function post(body: string, headers: Record<string, string> = {}): Promise<Request> {
  const signed = { 'x-signature': await sign(body, secret), ...headers };
  return new Request(url, { method: 'POST', headers: signed, body });
}

/** What a receiver answers to a request, as the sender sees it. */
async function answer(request: Request, options: Partial<ReceiverOptions> = {}): Promise<unknown[]> {
  const receiver = createReceiver({ secret, ...options } as ReceiverOptions);
  const response = await receiver.fetch(request);
  return [response.status, await response.text()];
}

const refusal = (status: number, code: string) => [status, JSON.stringify({ error: code })];
const body = samples.TODO_CREATED.body;

const verifyCases: readonly Case[] = Object.entries(samples).flatMap(([name, sample]) => [
  {
    title: `the published ${name} is verified and typed`,
    async run() {
      for (const form of [sample.body, encoder.encode(sample.body), encoder.encode(sample.body).buffer]) {
        const { event, id, rawBody } = await verify({ body: form, signature: sample.signature, secret });
        same([event.event, id, rawBody], [sample.event, sample.signature.slice(0, 32), sample.body]);
      }
      same(await sign(sample.body, secret), sample.signature, 'signature');
    },
  },
  {
    title: `a forged ${name} is refused`,
    async run() {
      const forged = { ...sample, body: `${sample.body} `, secret };
      same(await codeOf(verify(forged)), 'SIGNATURE_MISMATCH');
      same(await codeOf(verify({ ...sample, secret: 'another secret' })), 'SIGNATURE_MISMATCH');
      same(await codeOf(verify({ ...sample, signature: undefined, secret })), 'SIGNATURE_MISSING');
      same(await codeOf(verify({ ...sample, signature: 'nonsense', secret })), 'SIGNATURE_MALFORMED');
      same(await verifySignature(forged), false, 'verdict');
      const result = await safeVerify(forged);
      same(result.ok ? 'accepted' : result.error.status, 401);
    },
  },
]);

const parseCases: readonly Case[] = [
  {
    title: 'every event of the catalogue has a fixture that is typed without drift',
    run() {
      for (const name of Object.values(eventNames).flat() as SubscribableEvent[]) {
        const { event, drift } = parseVerified(JSON.stringify(fixtures[name]));
        same([event.event, drift], [name, []]);
      }
    },
  },
  {
    title: 'names of the prototype are unknown events',
    run() {
      for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'TODO_ARCHIVED']) {
        const { event } = parseVerified(JSON.stringify({ event: name }));
        same(event.event, 'UNKNOWN');
      }
    },
  },
  {
    title: 'a field of another type is drift, not a lost event',
    run() {
      const currentValue = { id: '1', title: 'T', done: 'yes', unheardOf: 1 };
      const { event, drift } = parseVerified(JSON.stringify({ event: 'TODO_CREATED', currentValue }));
      same(event, {
        event: 'TODO_CREATED',
        currentValue: { id: '1', title: 'T', unheardOf: 1 },
        webhook: null,
        previousValue: null,
      });
      same(drift, [{ path: 'currentValue.done', expected: 'boolean' }]);
    },
  },
  {
    title: 'the secret of a webhook never reaches a handler',
    run() {
      const { event } = parseVerified(
        '{"event":"TAG_CREATED","webhook":{"id":"w","secret":"s"},"currentValue":{"id":"1"}}',
      );
      same(event.event === 'TAG_CREATED' && event.webhook, { id: 'w' });
    },
  },
  {
    title: 'bodies that are signed and yet no delivery are refused by name',
    async run() {
      const refused = { null: 'BODY_NOT_JSON', '[]': 'BODY_NOT_JSON', '': 'BODY_NOT_JSON', '{}': 'EVENT_MISSING' };
      for (const [text, code] of Object.entries(refused)) {
        same(await codeOf(verify({ body: text, signature: await sign(text, secret), secret })), code, text);
      }
      const cut = new Uint8Array([0x7b, 0xe2, 0x82, 0x7d]);
      same(await codeOf(verify({ body: cut, signature: await sign(cut, secret), secret })), 'BODY_NOT_UTF8');
    },
  },
];

const receiverCases: readonly Case[] = [
  {
    title: 'handlers run in order, narrowed to their events, and the sender is answered 204',
    async run() {
      const seen: string[] = [];
      const receiver = createReceiver({ secret })
        .on('TODO_CREATED', ({ currentValue }) => void seen.push(currentValue.title))
        .on(eventNames.record, async ({ event }) => void seen.push(event));
      const response = await receiver.fetch(await post(body));
      same([response.status, seen.length, seen[1]], [204, 2, 'TODO_CREATED']);
    },
  },
  {
    title: 'a handler that fails is answered 500, one that cannot be helped 204',
    async run() {
      const failing = (error: Error) => createReceiver({ secret }).on('TODO_CREATED', () => Promise.reject(error));
      const of = async (error: Error) => (await failing(error).fetch(await post(body))).status;
      same([await of(new Error('no')), await of(new UnrecoverableError('never'))], [500, 204]);
    },
  },
  {
    title: 'at the deadline, the signal of the handlers aborts and the sender is answered 503',
    async run() {
      let aborted = false;
      const receiver = createReceiver({ secret, deadlineMs: 20 }).on(
        'TODO_CREATED',
        (_event, { signal }) =>
          new Promise<void>((resolve) => {
            signal.addEventListener('abort', () => {
              aborted = true;
              resolve();
            });
          }),
      );
      const response = await receiver.fetch(await post(body));
      same([response.status, await response.text(), aborted], [...refusal(503, 'DEADLINE_EXCEEDED'), true]);
    },
  },
  {
    title: 'a ledger lets a delivery be handled once',
    async run() {
      let handled = 0;
      const receiver = createReceiver({ secret, ledger: memoryLedger() }).on('TODO_CREATED', () => {
        handled += 1;
      });
      for (let attempt = 0; attempt < 3; attempt++) same((await receiver.fetch(await post(body))).status, 204);
      same(handled, 1, 'handled');
    },
  },
  {
    title: 'the self test passes through the route',
    async run() {
      const receiver = createReceiver({ secret });
      await receiver.selfTest(receiver.fetch);
    },
  },
];

const fetchCases: readonly Case[] = [
  {
    title: 'each thing that is wrong with a request has its answer',
    async run() {
      same(await answer(await post(body)), [204, '']);
      same(await answer(await post(body, { 'x-signature': '0'.repeat(64) })), refusal(401, 'SIGNATURE_INVALID'));
      same(await answer(new Request(url, { method: 'POST', body })), refusal(401, 'SIGNATURE_INVALID'));
      same(await answer(new Request(url)), refusal(405, 'METHOD_NOT_ALLOWED'));
      same(await answer(await post(body), { maxBodyBytes: 10 }), refusal(413, 'BODY_TOO_LARGE'));
      same(await answer(await post(body, { 'content-encoding': 'br' })), refusal(415, 'BODY_ENCODED'));
      same(await answer(await post('[]')), refusal(400, 'BODY_NOT_JSON'));
      const read = await post(body);
      await read.text();
      same(await answer(read), refusal(500, 'BODY_ALREADY_READ'));
    },
  },
  {
    title: 'a body that is late is answered in time',
    async run() {
      // `duplex` belongs to the Fetch standard, and is not in TypeScript's `RequestInit`.
      const stream = {
        method: 'POST',
        headers: { 'x-signature': '0'.repeat(64) },
        body: new ReadableStream(),
        duplex: 'half',
      };
      same(await answer(new Request(url, stream), { bodyTimeoutMs: 20 }), refusal(408, 'BODY_TIMEOUT'));
    },
  },
  {
    title: 'requests that the testing package signs are verified',
    async run() {
      for (const name of ['COMMENT_CREATED', 'TODO_MOVED', 'WEBHOOK_HEALTH_CHECK'] as const) {
        const { event } = await verifyRequest(await signedRequest(name, { secret, url }), { secret });
        same(event.event, name);
      }
    },
  },
];

const errorCases: readonly Case[] = [
  {
    title: 'an invalid secret and a parsed body are refused with the cure',
    async run() {
      for (const none of ['', '  ', undefined]) {
        try {
          createReceiver({ secret: none });
        } catch (error) {
          if (error instanceof TypeError && error.message.startsWith('secret is')) continue;
        }
        throw new Error(`accepted: ${none}`);
      }
      const parsed = verifySignature({ body: JSON.parse(body), signature: '', secret });
      const error = await parsed.catch((thrown: unknown) => thrown);
      same(error instanceof TypeError && error.message.includes('raw body'), true);
    },
  },
];

/** What core promises, wherever it runs. */
export const coreCases = [...verifyCases, ...parseCases, ...receiverCases, ...fetchCases, ...errorCases];
