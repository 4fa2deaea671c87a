import { describe, expect, test } from 'vitest';
import { changeId, readBody } from '../src/adapter';
import { createDeliveryVerifier } from '../src/delivery-verifier';
import {
  createReceiver,
  type Outcome,
  type RawDelivery,
  sign,
  UnrecoverableError,
  verifyRequest,
  type WebhookError,
} from '../src/index';

const secret = 'a secret';
const row = { id: '1', title: 'T', name: 'N' };
const record = { event: 'TODO_CREATED', webhook: { id: 'w1' }, currentValue: row };
const limits = { maxBodyBytes: 8, bodyTimeoutMs: 1_000 };

async function raw(payload: object = record, headers: Record<string, string> = {}): Promise<RawDelivery> {
  const body = new TextEncoder().encode(JSON.stringify(payload));
  const all: Record<string, string> = { 'x-signature': await sign(body, secret), ...headers };
  return { method: 'POST', header: (name) => all[name], body };
}
const bytes = (length: number): RawDelivery => ({ method: 'POST', header: () => null, body: new Uint8Array(length) });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'read',
    (error: WebhookError) => error.code,
  );

describe('reading', () => {
  test.each([
    ['gzip', 'BODY_ENCODED'],
    ['br', 'BODY_ENCODED'],
    [['gzip'], 'BODY_ENCODED'],
    ['identity', 'read'],
    ['', 'read'],
    [null, 'read'],
    [undefined, 'read'],
  ])('a body with Content-Encoding %j: %s', async (encoding, code) => {
    const delivery = { ...bytes(1), header: (name: string) => (name === 'content-encoding' ? encoding : null) };
    expect(await codeOf(readBody(delivery, limits))).toBe(code);
  });

  test.each([
    [8, 'read'],
    [9, 'BODY_TOO_LARGE'],
  ])('a body of %i bytes, of 8 allowed: %s', async (length, code) => {
    expect(await codeOf(readBody(bytes(length), limits))).toBe(code);
  });

  test('a body that is gone is reported as that, however long it says it was', async () => {
    const header = (name: string) => (name === 'content-length' ? '9' : null);
    expect(await codeOf(readBody({ ...bytes(0), header, body: undefined }, limits))).toBe('BODY_ALREADY_READ');
  });

  const hostile = Object.defineProperty({}, 'message', {
    get() {
      throw new Error('limit');
    },
  });
  test.each<[string, unknown, boolean]>([
    ['an error of the platform', new Error('request entity too large'), true],
    ['an error of a proxy', new Error('Content-length of 600 exceeds limit of 512 bytes.'), true],
    ['a cut connection', new Error('aborted'), false],
    ['a message that is not a string', { message: ['limit'] }, false],
    ['nothing', undefined, false],
    ['a getter that throws', hostile, false],
  ])('a stream that fails with %s names the limit of the platform only if it was one', async (_, cause, isLimit) => {
    const body: RawDelivery['body'] = (sink) => {
      sink.fail(cause);
      return () => {};
    };
    const error: WebhookError = await readBody({ ...bytes(0), body }, limits).then(
      () => expect.unreachable(),
      (thrown: WebhookError) => thrown,
    );
    expect([error.code, error.message.includes('a limit of the platform')]).toEqual(['BODY_INCOMPLETE', isLimit]);
  });

  test('what a source reports after the end of the body changes nothing', async () => {
    const body: RawDelivery['body'] = (sink) => {
      sink.chunk('ab');
      sink.end();
      sink.chunk('c');
      sink.fail(Promise.reject(new Error('late')));
      sink.consumed(Promise.reject(new Error('late')));
      return () => {};
    };
    expect(new TextDecoder().decode(await readBody({ ...bytes(0), body }, limits))).toBe('ab');
  });
});

describe('outcomes', () => {
  test('say what the delivery says of itself, once it is verified', async () => {
    const outcomes: Outcome[] = [];
    const receiver = createReceiver({ secret, onOutcome: (outcome) => outcomes.push(outcome) });
    await receiver.handle(await raw());
    await receiver.handle(await raw(record, { 'x-signature': '0'.repeat(64) }));
    expect(outcomes).toMatchObject([
      { status: 204, event: 'TODO_CREATED', webhookId: 'w1', duplicate: false, code: undefined },
      { status: 401, event: undefined, webhookId: undefined, duplicate: false, code: 'SIGNATURE_MISMATCH' },
    ]);
  });
});

describe('verifying', () => {
  test.each<[string, readonly string[], string]>([
    ['no value', [], 'SIGNATURE_MISSING'],
    ['two values', ['0'.repeat(64), '0'.repeat(64)], 'SIGNATURE_MALFORMED'],
    ['one value', ['0'.repeat(64)], 'SIGNATURE_MISMATCH'],
  ])('a header with %s: %s', async (_, signature, code) => {
    const delivery: RawDelivery = { ...(await raw()), header: (name) => (name === 'x-signature' ? signature : null) };
    expect(await codeOf(createReceiver({ secret }).verify(delivery))).toBe(code);
  });

  test.each<[string, (bytes: Uint8Array) => Promise<string>]>([
    ['answers late', async () => secret],
    [
      'changes the bytes meanwhile',
      async (bytes) => {
        await Promise.resolve();
        bytes.fill(0x20);
        return secret;
      },
    ],
  ])('a secret function that %s verifies and parses the bytes as they arrived', async (_, lookup) => {
    const delivery = await raw();
    const seen: string[] = [];
    const receiver = createReceiver({ secret: () => lookup(delivery.body as Uint8Array) }).onAny(({ event }) => {
      seen.push(event);
    });
    expect((await receiver.handle(delivery)).status).toBe(204);
    expect(seen).toEqual(['TODO_CREATED']);
  });

  test('the failure of an adapter is thrown, and reported to no hook', async () => {
    const failures: unknown[] = [];
    const receiver = createReceiver({ secret, onFailure: (error) => failures.push(error) });
    const header = () => JSON.parse('{');
    await expect(receiver.verify({ ...(await raw()), header })).rejects.toThrow(SyntaxError);
    await expect(receiver.handle({ ...(await raw()), header })).rejects.toThrow(SyntaxError);
    expect(failures).toEqual([]);
  });

  test('a request gives the event under the name that this version knows', async () => {
    const { body, header } = await raw({ event: 'RECORD_MOVED', webhook: { id: 'w1' }, currentValue: row });
    const headers = { 'x-signature': header('x-signature') as string };
    const request = new Request('https://example.com', {
      method: 'POST',
      headers,
      body: body as Uint8Array<ArrayBuffer>,
    });
    expect((await verifyRequest(request, { secret })).event.event).toBe('TODO_MOVED');
  });
});

describe('registration', () => {
  test('refuses a name that another handler of the event has, whatever else is registered', () => {
    const receiver = createReceiver({ secret })
      .on('TODO_CREATED', { name: 'one' }, () => {})
      .on('TODO_CREATED', { name: 'two' }, () => {});
    expect(() => receiver.on('TODO_CREATED', { name: 'one' }, () => {})).toThrow("handler named 'one' already");
    expect(() => receiver.on('TODO_CREATED', { name: 'two' }, () => {})).toThrow("handler named 'two' already");
  });

  test('refuses a list within the list of names, and options that are missing', () => {
    const receiver = createReceiver({ secret });
    expect(() => receiver.on([['TODO_CREATED']] as never, () => {})).toThrow(TypeError);
    expect(() => receiver.onUnknown(undefined as never, () => {})).toThrow('The name of a handler must be a string');
  });

  test.each([{ project: ['p1', 2] }, { project: ['p1', ''] }, { name: 'one', project: [] }])(
    'refuses %j, whose workspaces are not all ids',
    (options) => {
      expect(() => createReceiver({ secret }).on('TODO_CREATED', options as never, () => {})).toThrow(
        'project must name',
      );
    },
  );

  test('of a name and a workspace chooses by the workspace too', async () => {
    const seen: string[] = [];
    const receiver = createReceiver({ secret }).on('TODO_CREATED', { name: 'one', project: 'p1' }, (event) => {
      seen.push(event.currentValue.id);
    });
    for (const id of ['p1', 'p2']) {
      const currentValue = { ...row, id: `of ${id}`, todoList: { id: 'l1', project: { id } } };
      await receiver.handle(await raw({ ...record, currentValue }));
    }
    expect(seen).toEqual(['of p1']);
  });

  test('can be taken back where nothing is registered', async () => {
    const receiver = createReceiver({ secret }).off(() => {});
    expect((await receiver.handle(await raw())).status).toBe(204);
  });
});

describe('secrets', () => {
  test('a secret function that fails is reported with its reason', async () => {
    const failures: WebhookError[] = [];
    const why = new Error('no vault');
    for (const lookUp of [() => Promise.reject(why), () => [undefined], () => 42]) {
      const receiver = createReceiver({ secret: lookUp as never, onFailure: (error) => failures.push(error) });
      expect((await receiver.handle(await raw())).code).toBe('SECRET_LOOKUP_FAILED');
    }
    expect(failures.map(({ cause }) => (cause as Error | undefined)?.message)).toEqual([
      'Error: no vault',
      expect.stringContaining('secret[0] is undefined'),
      expect.stringContaining('a number'),
    ]);
  });
});

test('a stored delivery whose handlers cannot succeed throws their reason', async () => {
  const why = new Error('gone');
  const receiver = createReceiver({ secret }).on('TODO_CREATED', () => {
    throw new UnrecoverableError('never', { cause: why });
  });
  receiver.on('TODO_CREATED', () => {
    throw new UnrecoverableError('never either');
  });
  const stored = await createReceiver({ secret }).verify(await raw());
  const thrown = await receiver.dispatch(stored).catch((error: unknown) => error);
  expect(UnrecoverableError.is(thrown)).toBe(true);
  expect((thrown as Error).cause).toMatchObject({ errors: [{ cause: why }, { message: 'never either' }] });
});

describe('changeId', () => {
  const idOf = (payload: object) => changeId({ id: 'own', rawBody: JSON.stringify(payload) });

  test('identifies what was deleted and what was created', async () => {
    const deleted = { event: 'TODO_DELETED', previousValue: row, currentValue: null };
    expect(await idOf(deleted)).toBe(await idOf({ ...deleted, webhook: { id: 'other' } }));
    expect(await idOf(deleted)).not.toBe('own');
    expect(await idOf({ event: 'TODO_CREATED', previousValue: null, currentValue: row })).not.toBe('own');
  });

  test('sees what differs after a nested object', async () => {
    const change = (title: string) => ({ event: 'TODO_MOVED', currentValue: { user: { id: 'u' }, title } });
    expect(await idOf(change('one'))).not.toBe(await idOf(change('two')));
  });
});

test('a verifier without options says what it needs', () => {
  expect(() => createDeliveryVerifier(undefined as never)).toThrow('needs options');
});

describe('rows', () => {
  const deliver = async (currentValue: object) => {
    const { event, drift } = await createReceiver({ secret }).verify(await raw({ ...record, currentValue }));
    return { value: (event as { currentValue?: unknown }).currentValue, drift: drift.map(({ path }) => path) };
  };

  test('in a list lose the list if one of them is not identified', async () => {
    const tags = [{ id: 't1' }, { title: 'no id' }];
    expect(await deliver({ ...row, tags })).toEqual({ value: row, drift: ['currentValue.tags.1.id'] });
    expect((await deliver({ ...row, tags: [{ id: 't1' }] })).value).toEqual({ ...row, tags: [{ id: 't1' }] });
  });

  test('keep an empty list, and lose one of another type', async () => {
    expect((await deliver({ ...row, tags: [] })).value).toEqual({ ...row, tags: [] });
    expect(await deliver({ ...row, tags: {} })).toEqual({ value: row, drift: ['currentValue.tags'] });
  });

  test('of the webhook keep no field that is not documented', async () => {
    const webhook = { id: 'w1', secret: 'never', other: 1, metadata: { events: [], other: 1 } };
    const { event } = await createReceiver({ secret }).verify(await raw({ ...record, webhook }));
    expect(event).toMatchObject({ webhook: { id: 'w1', metadata: { events: [] } } });
    expect(JSON.stringify(event)).not.toContain('other');
  });

  test('may have fields of every documented type, and null', async () => {
    const value = { ...row, done: true, position: 1, formula: null, countryCodes: ['DE'], duedAt: null, tags: null };
    expect(await deliver(value)).toEqual({ value, drift: [] });
    expect((await deliver({ ...value, done: 'yes', position: false, text: 1 })).drift.sort()).toEqual([
      'currentValue.done',
      'currentValue.position',
      'currentValue.text',
    ]);
  });
});
