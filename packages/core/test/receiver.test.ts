import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { BodySource } from '../src/adapter';
import { allEventNames } from '../src/events';
import {
  createReceiver,
  eventNames,
  type Outcome,
  type RawDelivery,
  safeVerify,
  sign,
  UnrecoverableError,
  verify,
  verifyRequest,
  WebhookError,
} from '../src/index';
import { sample } from './samples';

const secret = 'a secret';
const record = { event: 'TODO_CREATED', webhook: { id: 'w1' }, currentValue: { id: '1', title: 'T' } };

async function raw(payload: unknown = record, more: Partial<RawDelivery> = {}, headers: Record<string, string> = {}) {
  const body = payload instanceof Uint8Array ? payload : new TextEncoder().encode(JSON.stringify(payload));
  const all: Record<string, string> = { 'x-signature': await sign(body, secret), ...headers };
  return { method: 'POST', header: (name: string) => all[name], body, ...more };
}

describe('handlers', () => {
  test('run in order of registration, for one name, several, and a family', async () => {
    const ran: string[] = [];
    const receiver = createReceiver({ secret })
      .on('TODO_CREATED', async () => {
        await new Promise(setImmediate);
        ran.push('one name');
      })
      .on(['TODO_CREATED', 'TAG_CREATED'], () => ran.push('several'))
      .on(eventNames.record, (event) => ran.push(`family: ${event.event}`))
      .on(eventNames.tag, () => ran.push('another family'));
    expect((await receiver.handle(await raw())).status).toBe(204);
    expect(ran).toEqual(['one name', 'several', 'family: TODO_CREATED']);
  });

  test('of any event run for every genuine delivery, in order of registration', async () => {
    const ran: string[] = [];
    const receiver = createReceiver({ secret })
      .on('TODO_CREATED', () => ran.push('first'))
      .onAny(({ event }) => ran.push(event))
      .onAny({ project: 'elsewhere' }, () => ran.push('another workspace'))
      .on('TODO_CREATED', () => ran.push('last'));
    const events = [...allEventNames.filter((name) => name !== 'TODO_CREATED'), 'TODO_SPARKLED'];
    for (const event of events) {
      const row = { id: '1', title: 'T', name: 'N' };
      const payload = { event, previousValue: row, currentValue: row, record: row };
      if (event.endsWith('_CREATED')) Object.assign(payload, { previousValue: null });
      if (event.endsWith('_DELETED')) Object.assign(payload, { currentValue: null });
      expect((await receiver.handle(await raw(payload))).status, event).toBe(204);
    }
    expect(ran).toEqual(events.map((event) => (event === 'TODO_SPARKLED' ? 'UNKNOWN' : event)));
    ran.length = 0;
    await receiver.handle(await raw());
    expect(ran).toEqual(['first', 'TODO_CREATED', 'last']);
    await receiver.handle(await raw(record, {}, { 'x-signature': '0'.repeat(64) }));
    expect(ran).toHaveLength(3);
  });

  test('can be removed from one event or all, however they were registered', async () => {
    const ran: string[] = [];
    const plain = () => ran.push('plain');
    const named = () => ran.push('named');
    const chosen = () => ran.push('chosen');
    const receiver = createReceiver({ secret })
      .on(['TODO_CREATED', 'TAG_CREATED'], plain)
      .on('TODO_CREATED', { name: 'one' }, named)
      .on('TODO_CREATED', { name: 'two', project: 'p' }, chosen)
      .onAny(plain)
      .off('TODO_CREATED', named)
      .off(chosen)
      .off(() => {});
    const todo = { ...record, currentValue: { ...record.currentValue, todoList: { id: 'l', project: { id: 'p' } } } };
    await receiver.handle(await raw(todo));
    expect(ran).toEqual(['plain', 'plain']);
    receiver.off('TODO_CREATED', plain);
    await receiver.handle(await raw(todo));
    expect(ran).toHaveLength(2);
    await receiver.handle(await raw({ event: 'TAG_CREATED', currentValue: { id: '1' } }));
    expect(ran).toHaveLength(4);
    receiver.off(plain);
    await receiver.handle(await raw({ event: 'TAG_CREATED', currentValue: { id: '1' } }));
    expect(ran).toHaveLength(4);
    expect(() => receiver.off('TODO_CREATE' as never, plain)).toThrow(TypeError);
    expect(() => receiver.off('TODO_CREATED' as never)).toThrow(TypeError);
  });

  test('removed during a dispatch still run in it, and not afterwards', async () => {
    let runs = 0;
    const second = () => {
      runs += 1;
    };
    const receiver = createReceiver({ secret })
      .on('TODO_CREATED', () => void receiver.off(second))
      .on('TODO_CREATED', second);
    await receiver.handle(await raw());
    await receiver.handle(await raw());
    expect(runs).toBe(1);
  });

  test('of several events are registered for all of them, or for none', async () => {
    const ran: unknown[] = [];
    const receiver = createReceiver({ secret }).on('TAG_CREATED', { name: 'crm' }, () => {});
    expect(() => receiver.on(['TODO_CREATED', 'TAG_CREATED'], { name: 'crm' }, () => ran.push(1))).toThrow(TypeError);
    expect(() => receiver.onAny({ name: 'crm' }, () => ran.push(1))).toThrow("TAG_CREATED has a handler named 'crm'");
    await receiver.handle(await raw());
    expect(ran).toEqual([]);
  });

  test('all run even if one fails, and the failures are collected', async () => {
    const ran: number[] = [];
    const errors: WebhookError[] = [];
    const boom = [new Error('first'), { not: 'an error' }];
    const receiver = createReceiver({ secret, onFailure: (error) => errors.push(error) })
      .on('TODO_CREATED', () => {
        ran.push(1);
        throw boom[0];
      })
      .on('TODO_CREATED', () => {
        ran.push(2);
      })
      .on('TODO_CREATED', async () => {
        ran.push(3);
        throw boom[1];
      });
    expect((await receiver.handle(await raw())).status).toBe(500);
    expect(ran).toEqual([1, 2, 3]);
    expect(errors[0]?.cause).toMatchObject({ errors: boom });
  });

  const hostile = [
    ['undefined', undefined],
    ['null', null],
    ['a frozen object', Object.freeze({ status: 200 })],
    ['an error with status 200', Object.assign(new Error('no'), { status: 200, statusCode: 204 })],
    [
      'an object with throwing getters',
      Object.defineProperty({}, 'message', {
        get() {
          throw new Error('getter');
        },
      }),
    ],
    [
      'a hostile proxy',
      new Proxy(
        {},
        {
          get() {
            throw new Error('trap');
          },
          has() {
            throw new Error('trap');
          },
        },
      ),
    ],
    ['a failure of our own kind', new WebhookError('SIGNATURE_MISMATCH')],
  ] as const;
  test.each(hostile)('a handler that throws %s has failed, and nothing else happens', async (_title, thrown) => {
    const errors: WebhookError[] = [];
    const receiver = createReceiver({ secret, onFailure: (error) => errors.push(error) }).on('TODO_CREATED', () => {
      throw thrown;
    });
    const outcome = await receiver.handle(await raw());
    expect({ status: outcome.status, body: outcome.body }).toEqual({ status: 500, body: '{"error":"HANDLER_FAILED"}' });
    expect(errors[0]?.code).toBe('HANDLER_FAILED');
    expect(errors[0]?.cause).toBe(thrown);
  });

  test('UnrecoverableError acknowledges only if nothing else can still succeed', async () => {
    const errors: string[] = [];
    const giveUp = () => {
      throw new UnrecoverableError('never');
    };
    const receiver = createReceiver({ secret, onFailure: ({ code }) => errors.push(code) }).on('TODO_CREATED', giveUp);
    expect(await receiver.handle(await raw())).toMatchObject({ status: 204, code: 'HANDLER_FAILED', body: null });
    receiver.on('TODO_CREATED', () => {
      throw new Error('maybe later');
    });
    expect((await receiver.handle(await raw())).status).toBe(500);
    expect(errors).toEqual(['HANDLER_FAILED', 'HANDLER_FAILED']);
  });

  test('an unknown event name throws at registration, before anything is registered', async () => {
    const ran: unknown[] = [];
    const receiver = createReceiver({ secret });
    for (const bad of ['TODO_CREATE', 'constructor', '__proto__', 'UNKNOWN', undefined, 42]) {
      expect(() => receiver.on(['TODO_CREATED', bad] as never, () => ran.push(bad))).toThrow(TypeError);
    }
    expect(() => receiver.on('TODO_CREATE' as never, () => {})).toThrow(
      "'TODO_CREATE' is not a Blue event: see eventNames",
    );
    expect(() => receiver.on(42 as never, () => {})).toThrow('42 is not a Blue event');
    expect(() => receiver.on('TODO_CREATED', undefined as never)).toThrow('must be a function');
    await receiver.handle(await raw());
    expect(ran).toEqual([]);
  });

  test('a health check is acknowledged by itself and may be observed', async () => {
    const seen: string[] = [];
    const receiver = createReceiver({ secret: sample('webhook-health-check').secret });
    const { body, signature } = sample('webhook-health-check');
    const delivery = { method: 'POST', header: (name: string) => (name === 'x-signature' ? signature : null), body };
    expect((await receiver.handle(delivery)).status).toBe(204);
    receiver.on('WEBHOOK_HEALTH_CHECK', (event) => seen.push(event.webhook?.status ?? ''));
    expect((await receiver.handle(delivery)).status).toBe(204);
    expect(seen).toEqual(['UNHEALTHY']);
  });
});

describe('the deadline', () => {
  test('leaves a handler the time that it has, and no timer behind', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const aborted: boolean[] = [];
    const receiver = createReceiver({ secret }).on('TODO_CREATED', async (_event, { signal }) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      aborted.push(signal.aborted);
    });
    const { status, durationMs } = await receiver.handle(await raw());
    expect([status, aborted]).toEqual([204, [false]]);
    expect(durationMs).toBeGreaterThan(10);
    expect(durationMs).toBeLessThan(5_000);
    await new Promise(setImmediate);
    expect(timers()).toBeLessThanOrEqual(before);
  });

  test('aborts the signal, answers 503, starts no further handler, and a late rejection harms nobody', async () => {
    const ran: string[] = [];
    let late: Promise<unknown> = Promise.resolve();
    const receiver = createReceiver({ secret, deadlineMs: 30 })
      .on('TODO_CREATED', (_event, { signal }) => {
        ran.push('slow');
        late = new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => setTimeout(reject, 20, new Error('after the answer')));
        });
        return late;
      })
      .on('TODO_CREATED', () => ran.push('next'));
    expect(await receiver.handle(await raw())).toMatchObject({ status: 503, body: '{"error":"DEADLINE_EXCEEDED"}' });
    await expect(late).rejects.toThrow('after the answer');
    await new Promise(setImmediate);
    expect(ran).toEqual(['slow']);
  });

  test('a signal that is asked for after the deadline is aborted already', async () => {
    let signal: AbortSignal | undefined;
    const receiver = createReceiver({ secret, deadlineMs: 10 }).on('TODO_CREATED', async (_event, delivery) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      signal = delivery.signal;
    });
    expect((await receiver.handle(await raw())).status).toBe(503);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(signal?.aborted).toBe(true);
  });

  test('a secret lookup that never answers is a failed lookup', async () => {
    const receiver = createReceiver({ secret: () => new Promise<string>(() => {}), deadlineMs: 20 });
    expect(await receiver.handle(await raw())).toMatchObject({ status: 503, code: 'SECRET_LOOKUP_FAILED' });
  });
});

describe('hooks', () => {
  test('are called for failures, outcomes and drift, and may throw or reject without consequence', async () => {
    const heard: unknown[] = [];
    const hook =
      (name: string) =>
      (...args: unknown[]) => {
        heard.push([name, ...args]);
        if (heard.length % 2) throw new Error('a broken hook');
        return Promise.reject(new Error('a broken hook'));
      };
    const receiver = createReceiver({
      secret,
      onFailure: hook('failure'),
      onOutcome: hook('outcome'),
      onDrift: hook('drift'),
    });
    const drifted = { ...record, currentValue: { ...record.currentValue, done: 'yes' } };
    const request = await raw(drifted);
    expect((await receiver.handle(request)).status).toBe(204);
    expect((await receiver.handle({ ...request, method: 'GET' })).status).toBe(405);
    await new Promise(setImmediate);
    const deliveryId = request.header('x-signature')?.slice(0, 32);
    expect(heard).toMatchObject([
      ['drift', [{ path: 'currentValue.done', expected: 'boolean' }], { deliveryId, event: 'TODO_CREATED' }],
      ['outcome', { status: 204, code: undefined, deliveryId, event: 'TODO_CREATED' }],
      ['failure', { code: 'METHOD_NOT_ALLOWED' }, { deliveryId: undefined, event: undefined }],
      ['outcome', { status: 405, code: 'METHOD_NOT_ALLOWED' }],
    ]);
  });

  test('are called for drift only if there is some', async () => {
    let drifts = 0;
    const receiver = createReceiver({
      secret,
      onDrift: () => {
        drifts += 1;
      },
    });
    await receiver.handle(await raw());
    expect(drifts).toBe(0);
  });

  test("do not take an adapter's own mistake for a failed delivery", async () => {
    const heard: unknown[] = [];
    const receiver = createReceiver({
      secret,
      onFailure: (error) => heard.push(error),
      onOutcome: (o) => heard.push(o),
    });
    const broken = {
      ...(await raw()),
      header: () => {
        throw new Error('a broken adapter');
      },
    };
    await expect(receiver.handle(broken)).rejects.toThrow('a broken adapter');
    expect(heard).toEqual([]);
  });

  test('what they receive holds no secret, no signature and nothing of the body', async () => {
    const words = { ...record, currentValue: { id: 'private-id', title: 'private-title', done: 'private-done' } };
    const genuine = await raw(words);
    const heard: string[] = [];
    const hook = (...args: unknown[]) => heard.push(inspect(args, { depth: null, showHidden: true }));
    const receiver = createReceiver({ secret, onFailure: hook, onOutcome: hook, onDrift: hook });
    await receiver.handle(genuine);
    await receiver.handle({ ...genuine, header: (name) => (name === 'x-signature' ? 'f'.repeat(64) : undefined) });
    await receiver.handle(await raw(Buffer.from('{"event":"private-event", oops')));
    expect(heard.length).toBeGreaterThan(4);
    for (const text of heard) {
      expect(text).not.toContain('private');
      expect(text).not.toContain(secret);
      expect(text).not.toContain(genuine.header('x-signature') ?? '');
      expect(text).not.toContain('f'.repeat(64));
      expect(text).not.toContain('node_modules');
    }
  });
});

describe('unsigned deliveries', () => {
  const unsigned = async (header?: string) => ({
    ...(await raw()),
    header: (name: string) => (name === 'x-signature' ? header : undefined),
  });

  test('are refused by default', async () => {
    expect(await createReceiver({ secret }).handle(await unsigned())).toMatchObject({
      status: 401,
      code: 'SIGNATURE_MISSING',
    });
  });

  test('are accepted with allowUnsigned and marked as such; a wrong signature is refused even then', async () => {
    const seen: unknown[] = [];
    const receiver = createReceiver({ secret, allowUnsigned: true }).on('TODO_CREATED', (_event, delivery) => {
      seen.push([delivery.signature, delivery.secretId, delivery.id.length]);
    });
    expect((await receiver.handle(await unsigned())).status).toBe(204);
    expect((await receiver.handle(await unsigned('f'.repeat(64)))).code).toBe('SIGNATURE_MISMATCH');
    expect((await receiver.handle(await unsigned(''))).code).toBe('SIGNATURE_MALFORMED');
    expect((await createReceiver({ allowUnsigned: true }).handle(await unsigned('f'.repeat(64)))).code).toBe(
      'SECRET_UNKNOWN',
    );
    expect(seen).toEqual([['unsigned', undefined, 32]]);
  });
});

describe('a secret function', () => {
  const secrets = new Map([
    ['w1', secret],
    ['w2', 'the secret of w2'],
  ]);
  const asked: unknown[] = [];
  const receiver = createReceiver({
    secret: async ({ webhookId, request }) => {
      asked.push([webhookId, request]);
      return webhookId === undefined ? undefined : secrets.get(webhookId);
    },
  });

  test("is asked with the webhook id that the body claims and the platform's request", async () => {
    const request = { from: 'the platform' };
    expect((await receiver.handle(await raw(record, { request }))).status).toBe(204);
    expect(asked.at(-1)).toEqual(['w1', request]);
    expect((await receiver.handle(await raw({ ...record, webhook: { id: 'w2' } }))).code).toBe('SIGNATURE_MISMATCH');
    expect((await receiver.handle(await raw({ ...record, webhook: { id: 'w3' } }))).code).toBe('SECRET_UNKNOWN');
  });

  test('is not asked for a request whose signature cannot be one', async () => {
    const before = asked.length;
    await receiver.handle({ ...(await raw()), header: () => 'nonsense' });
    expect(asked.length).toBe(before);
  });

  test('is where the webhook is bound: a fixed secret accepts whatever webhook its holder names', async () => {
    const doubled =
      '{"event":"TODO_CREATED","webhook":{"id":"w1"},"currentValue":{"id":"1","title":"T"},"webhook":{"id":"w2"}}';
    expect((await createReceiver({ secret }).handle(await raw(Buffer.from(doubled)))).status).toBe(204);
  });

  test('that fails is reported with its cause', async () => {
    const causes: unknown[] = [];
    const report = { onFailure: (error: WebhookError) => causes.push(error.cause), deadlineMs: 20 };
    const down = Object.assign(new Error('down'), { command: { args: ['hunter2'] } });
    await createReceiver({ secret: () => Promise.reject(down), ...report }).handle(await raw());
    await createReceiver({ secret: () => new Promise<string>(() => {}), ...report }).handle(await raw());
    expect(causes).toMatchObject([
      { name: 'DriverError', message: 'Error: down' },
      { message: 'Error: The secret function did not answer before the deadline.' },
    ]);
    expect(inspect(causes, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('hunter2');
  });

  test('a webhook that is null cannot stand for the one that was looked up', async () => {
    const doubled =
      '{"event":"TODO_CREATED","webhook":{"id":"w1"},"currentValue":{"id":"1","title":"T"},"webhook":null}';
    const errors: WebhookError[] = [];
    const strict = createReceiver({ secret: () => secret, onFailure: (error) => errors.push(error) });
    expect((await strict.handle(await raw(Buffer.from(doubled)))).status).toBe(401);
    expect(errors[0]?.message).toContain('webhook id that the verified body does not carry');
  });

  test('one webhook cannot sign for another, not even with a doubled key', async () => {
    const doubled =
      '{"event":"TODO_CREATED","webhook":{"id":"w1"},"currentValue":{"id":"1","title":"T"},"webhook":{"id":"w2"}}';
    const outcome = await receiver.handle(await raw(Buffer.from(doubled)));
    expect(asked.at(-1)).toEqual(['w1', undefined]);
    expect(outcome).toMatchObject({ status: 401, code: 'SIGNATURE_MISMATCH' });
  });

  test.each<[string, unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('down');
      },
      'SECRET_LOOKUP_FAILED',
    ],
    ['rejects', () => Promise.reject(new Error('down')), 'SECRET_LOOKUP_FAILED'],
    ['returns a blank secret', () => ' ', 'SECRET_LOOKUP_FAILED'],
    ['returns something else', () => 42, 'SECRET_LOOKUP_FAILED'],
    ['returns an empty list', () => [], 'SECRET_LOOKUP_FAILED'],
    [
      'returns a record whose getter throws',
      () => ({
        id: 'a',
        get secret() {
          throw new Error('down');
        },
      }),
      'SECRET_LOOKUP_FAILED',
    ],
    [
      'resolves to a list with such a record',
      async () => [
        {
          get id() {
            throw new Error('down');
          },
          secret,
        },
      ],
      'SECRET_LOOKUP_FAILED',
    ],
    [
      'returns a list that cannot be read',
      () =>
        new Proxy([secret], {
          get(list, key) {
            if (key === 'then') return undefined;
            throw new Error(`down: ${String(list[0])}`);
          },
        }),
      'SECRET_LOOKUP_FAILED',
    ],
    ['returns null', () => null, 'SECRET_UNKNOWN'],
  ])('that %s is answered from the table', async (_title, lookup, code) => {
    expect((await createReceiver({ secret: lookup as () => string }).handle(await raw())).code).toBe(code);
  });
});

describe('bodies', () => {
  const source = (act: BodySource) => raw(record, { body: act });

  test('a source is stopped when core has had enough, and what it says after that is ignored', async () => {
    let stopped = 0;
    const receiver = createReceiver({ secret, maxBodyBytes: 10 });
    const outcome = await receiver.handle(
      await source((sink) => {
        for (let i = 0; i < 5; i++) sink.chunk(new Uint8Array(4));
        sink.end();
        return () => {
          stopped += 1;
        };
      }),
    );
    expect(outcome.code).toBe('BODY_TOO_LARGE');
    expect(stopped).toBe(1);
  });

  test.each<[string, BodySource, string]>([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
      'BODY_INCOMPLETE',
    ],
    [
      'fails',
      (sink) => {
        sink.fail();
        return () => {};
      },
      'BODY_INCOMPLETE',
    ],
    [
      'passes something other than bytes',
      (sink) => {
        sink.chunk(42 as never);
        return () => {};
      },
      'BODY_INCOMPLETE',
    ],
    ['never comes', () => () => {}, 'BODY_TIMEOUT'],
  ])('a source that %s is answered from the table', async (_title, act, code) => {
    expect((await createReceiver({ secret, bodyTimeoutMs: 20 }).handle(await source(act))).code).toBe(code);
  });

  test('pieces are joined in order, up to exactly the limit', async () => {
    const { body: whole, ...rest } = await raw();
    const body = whole as Uint8Array;
    const pieces: BodySource = (sink) => {
      for (let start = 0; start < body.length; start += 7) sink.chunk(body.subarray(start, start + 7));
      sink.end();
      sink.fail(new Error('too late to matter'));
      return () => {};
    };
    const sized = (length: number) => ({
      ...rest,
      body: pieces,
      header: (name: string) => (name === 'content-length' ? String(length) : rest.header(name)),
    });
    const receiver = createReceiver({ secret, maxBodyBytes: body.length });
    expect((await receiver.handle(sized(body.length))).status).toBe(204);
    expect((await receiver.handle(sized(body.length + 1))).status).toBe(413);
    expect((await createReceiver({ secret, maxBodyBytes: body.length - 1 }).handle(sized(1))).status).toBe(413);
  });

  test('a source that goes on after it was stopped is stopped once, whatever it gives', async () => {
    let stopped = 0;
    let rest: () => void = () => {};
    const receiver = createReceiver({ secret, maxBodyBytes: 10 });
    const outcome = await receiver.handle(
      await source((sink) => {
        rest = () => {
          sink.chunk(new Uint8Array(20));
          sink.chunk(42 as never);
          sink.fail();
          sink.end();
        };
        setImmediate(rest);
        return () => {
          stopped += 1;
        };
      }),
    );
    rest();
    expect([outcome.code, stopped]).toEqual(['BODY_TOO_LARGE', 1]);
  });

  test('a piece other than bytes, which a source passes later, refuses the body and nothing more', async () => {
    const strange = await source((sink) => {
      setImmediate(() => sink.chunk(42 as never));
      return () => {};
    });
    expect((await createReceiver({ secret }).handle(strange)).code).toBe('BODY_INCOMPLETE');
  });

  test.each(['identity', ' Identity ', ''])("accepts '%s' as Content-Encoding", async (encoding) => {
    expect(
      (await createReceiver({ secret }).handle(await raw(record, {}, { 'content-encoding': encoding }))).status,
    ).toBe(204);
  });

  test('a declared length over the limit is refused before a byte is read', async () => {
    const never: BodySource = () => {
      throw new Error('read');
    };
    const outcome = await createReceiver({ secret }).handle(
      await raw(record, { body: never }, { 'content-length': '999999999' }),
    );
    expect(outcome.code).toBe('BODY_TOO_LARGE');
  });
});

describe('Fetch', () => {
  const url = 'https://example.com/webhooks/blue';
  async function request(init: RequestInit = {}) {
    const body = JSON.stringify(record);
    return new Request(url, { method: 'POST', body, headers: { 'x-signature': await sign(body, secret) }, ...init });
  }

  test('receiver.fetch needs no this', async () => {
    const { fetch } = createReceiver({ secret });
    const response = await fetch(await request());
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
    const forged = await fetch(await request({ headers: {} }));
    expect([forged.status, await forged.text()]).toEqual([401, '{"error":"SIGNATURE_INVALID"}']);
    expect((await fetch(new Request(url))).headers.get('allow')).toBe('POST');
  });

  test('every forgery is answered 401 with the same body', async () => {
    const body = JSON.stringify(record);
    const signature = await sign(body, secret);
    const forgeries = [{}, { 'x-signature': signature.toUpperCase() }, { 'x-signature': 'f'.repeat(64) }];
    const known = createReceiver({ secret });
    const unknown = createReceiver({ secret: () => undefined });
    for (const { fetch, headers } of [
      ...forgeries.map((headers) => ({ ...known, headers })),
      { ...unknown, headers: { 'x-signature': signature } },
    ]) {
      const response = await fetch(await request({ headers }));
      expect([response.status, await response.text()]).toEqual([401, '{"error":"SIGNATURE_INVALID"}']);
    }
  });

  test('a request whose body has been read is said to be so', async () => {
    const read = await request();
    await read.text();
    const response = await createReceiver({ secret }).fetch(read);
    expect([response.status, await response.text()]).toEqual([500, '{"error":"BODY_ALREADY_READ"}']);
  });

  test('a request whose body someone else holds is said to be read', async () => {
    const held = await request();
    held.body?.getReader();
    const response = await createReceiver({ secret }).fetch(held);
    expect([response.status, await response.text()]).toEqual([500, '{"error":"BODY_ALREADY_READ"}']);
  });

  test('an endless body is cut at the limit, whatever length it claims', async () => {
    let cancelled = false;
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1_000)),
      cancel() {
        cancelled = true;
      },
    });
    const response = await createReceiver({ secret, maxBodyBytes: 10_000 }).fetch(
      await request({ body: endless, duplex: 'half' } as RequestInit),
    );
    expect(response.status).toBe(413);
    expect(cancelled).toBe(true);
  });

  test('verifyRequest returns the delivery or throws what toResponse can answer', async () => {
    const delivery = await verifyRequest(await request(), { secret });
    expect(delivery).toMatchObject({ event: { event: 'TODO_CREATED' }, signature: 'verified', secretId: '0' });
    expect(delivery.signal.aborted).toBe(false);
    await expect(verifyRequest(await request(), { secret: 'another' })).rejects.toMatchObject({
      code: 'SIGNATURE_MISMATCH',
      status: 401,
    });
    await expect(verifyRequest(await request(), { secret, maxBodyBytes: 5 })).rejects.toMatchObject({
      code: 'BODY_TOO_LARGE',
    });
  });
});

describe('standalone', () => {
  test('verify throws a WebhookError that names cause and cure; safeVerify returns it', async () => {
    const { body } = sample('todo-created');
    const forged = { body, signature: 'f'.repeat(64), secret };
    const error: unknown = await verify(forged).catch((thrown: unknown) => thrown);
    expect(WebhookError.is(error)).toBe(true);
    expect(WebhookError.is(structuredClone(new Error()))).toBe(false);
    expect(error).toMatchObject({ name: 'WebhookError', code: 'SIGNATURE_MISMATCH', status: 401 });
    expect(await safeVerify(forged)).toEqual({ ok: false, error });
    const genuine = sample('todo-created');
    expect(await safeVerify(genuine)).toMatchObject({ ok: true, delivery: { id: genuine.signature.slice(0, 32) } });
    await expect(safeVerify({ ...genuine, secret: '' })).rejects.toThrow(TypeError);
    await expect(verify({ body: {} as never, signature: '', secret })).rejects.toThrow('pass the raw body');
  });

  test('the same delivery has the same id each time, and another body another', async () => {
    const { body, signature, secret: key } = sample('todo-created');
    const ids = [
      await verify({ body, signature, secret: key }),
      await verify({ body: body.toString(), signature, secret: key }),
    ];
    expect(new Set(ids.map(({ id }) => id)).size).toBe(1);
    expect(ids[0]?.id).toBe(signature.slice(0, 32));
  });
});

test('every failure answers with its code and nothing more', async () => {
  const outcome: Outcome = await createReceiver({ secret }).handle(await raw(record, { body: undefined }));
  expect(outcome).toMatchObject({
    status: 500,
    headers: { 'content-type': 'application/json' },
    body: '{"error":"BODY_ALREADY_READ"}',
  });
});

describe('registering handlers', () => {
  test('a name that is listed twice registers the handler once', async () => {
    let runs = 0;
    const receiver = createReceiver({ secret }).on(['TODO_CREATED', 'TODO_CREATED'], () => {
      runs += 1;
    });
    await receiver.handle(await raw());
    expect(runs).toBe(1);
  });

  test('a handler that is registered during a dispatch runs from the next one on', async () => {
    let late = 0;
    const receiver = createReceiver({ secret });
    receiver.on('TODO_CREATED', () => {
      if (late === 0)
        receiver.on('TODO_CREATED', () => {
          late += 1;
        });
    });
    await receiver.handle(await raw());
    expect(late).toBe(0);
    await receiver.handle(await raw());
    expect(late).toBe(1);
  });
});

test('a body that the platform cut off at its limit says so', async () => {
  const errors: string[] = [];
  const receiver = createReceiver({ secret, onFailure: ({ message }) => errors.push(message) });
  const body = (sink: { fail(cause: unknown): void }) => {
    sink.fail(new Error('request body size exceeded BODY_SIZE_LIMIT'));
    return () => {};
  };
  expect((await receiver.handle({ ...(await raw()), body })).code).toBe('BODY_INCOMPLETE');
  expect(errors[0]).toContain('exceeds a limit of the platform');
});

describe('delivery.signal outside handle', () => {
  test('aborts at the deadline for middleware that only verifies', async () => {
    const { signal } = await createReceiver({ secret, deadlineMs: 50 }).verify(await raw());
    expect(signal.aborted).toBe(false);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    expect((signal.reason as Error).name).toBe('TimeoutError');
  });
});

test('a polluted Object.prototype does not switch verification off', async () => {
  Object.defineProperty(Object.prototype, 'allowUnsigned', { value: true, configurable: true });
  try {
    const receiver = createReceiver({ secret });
    expect((await receiver.handle({ ...(await raw()), header: () => undefined })).code).toBe('SIGNATURE_MISSING');
  } finally {
    Reflect.deleteProperty(Object.prototype, 'allowUnsigned');
  }
  expect(() => createReceiver({ secret, allowUnsigned: 'yes' as never })).toThrow(
    'allowUnsigned must be true or false',
  );
});
