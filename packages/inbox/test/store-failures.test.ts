import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type InboxStore, memoryStore, StoreError, sqliteStore } from '../src/index';
import { openBeside } from './beside';
import { eventually, healthCheck, inboxWith, moved, post, secret, signed } from './endpoint';
import { scratchFile } from './scratch';

const marker = 'a title that nobody may see';
const privately = () => signed(moved('a', { title: marker }));

/** A driver's error with the arguments in properties, in the cause, in the message and in a hidden property. */
function leaking(sent: unknown, body: string): Error {
  const error = Object.assign(new Error(`failed with args beginning with: '${body}' at redis://user:hunter2@host`), {
    command: { args: [body, 'hunter2'] },
    code: 'SQLITE_IOERR',
    cause: Object.assign(new TypeError(`the cause of "${body}"`), { parameters: [body] }),
  });
  Object.defineProperty(error, 'hidden', { value: sent, enumerable: false });
  return error;
}

function textsOf(value: unknown): string {
  return [
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null }),
    JSON.stringify(value),
    String(value),
    (value as Error).stack,
  ].join('\n');
}

describe('a driver’s error carries nothing of a delivery', () => {
  const methods = [
    'open',
    'put',
    'probe',
    'lease',
    'renew',
    'recordHandled',
    'settle',
    'stats',
    'list',
    'get',
    'replay',
    'markDead',
    'prune',
    'close',
  ] as const;

  test('when a store of your own throws a StoreError with such a cause', async () => {
    const cause = leaking('sent', marker);
    const fails = () => Promise.reject(new StoreError('TIMEOUT', 'The table is locked.', { cause }));
    const { inbox, events } = inboxWith({ store: { ...memoryStore(), put: fails, list: fails } });
    expect(await post(inbox, await signed())).toBe(503);
    const thrown = await inbox.list().catch((error: unknown) => error);
    const [reported] = events.filter(({ type }) => type === 'store-failed') as { error: Error }[];
    for (const error of [thrown, reported?.error]) {
      expect(error).toMatchObject({ name: 'StoreError', code: 'TIMEOUT', cause: { name: 'DriverError' } });
      for (const text of [marker, 'hunter2']) expect(textsOf(error)).not.toContain(text);
    }
  });

  test.each<[string, unknown]>([
    ['that quotes a URL', new TypeError('Invalid URL: redis://user:hunter2@host')],
    ['that quotes a parameter', new TypeError("cannot bind 'hunter2'")],
    [
      'that is hostile',
      new Proxy(new TypeError('cannot bind "hunter2"'), {
        getPrototypeOf() {
          throw new Error('hunter2');
        },
      }),
    ],
  ])('when a store of your own throws a TypeError %s', async (_how, error) => {
    const fails = () => Promise.reject(error);
    const { inbox } = inboxWith({ store: { ...memoryStore(), stats: fails, list: fails, get: fails, prune: fails } });
    for (const call of [() => inbox.stats(), () => inbox.list(), () => inbox.get('x'), () => inbox.prune()]) {
      const thrown = await call().catch((caught: unknown) => caught);
      expect(thrown).toMatchObject({ name: 'DriverError' });
      expect(textsOf(thrown)).not.toContain('hunter2');
    }
  });

  test.each(methods)('when %s of a store fails, in hooks and in what is thrown', async (method) => {
    const memory = memoryStore();
    const sent = await privately();
    const body = new TextDecoder().decode(sent.body);
    let broken = false;
    const store = Object.assign({}, memory, {
      [method]: (...given: never[]) =>
        broken ? Promise.reject(leaking(sent, body)) : (memory[method] as (...given: never[]) => unknown)(...given),
    }) as InboxStore;
    const { inbox, events } = inboxWith(
      { store, leaseMs: 30 },
      () => new Promise((resolve) => setTimeout(resolve, 30)),
    );
    await inbox.start();
    broken = true;
    const thrown: unknown[] = [];
    const calls = [
      () => post(inbox, sent),
      async () => post(inbox, await healthCheck()),
      () => inbox.list(),
      () => inbox.get('x'),
      () => inbox.stats(),
      () => inbox.replay('x'),
      () => inbox.markDead('x'),
      () => inbox.prune(),
    ];
    for (const call of calls) await Promise.resolve(call()).catch((error: unknown) => thrown.push(error));
    await new Promise((resolve) => setTimeout(resolve, 60));
    await inbox.stop({ timeoutMs: 0 }).catch((error: unknown) => thrown.push(error));
    await inbox.start().catch((error: unknown) => thrown.push(error));
    broken = false;
    const failures = events.flatMap((event) => (event.type === 'store-failed' ? [event.error] : []));
    if (method !== 'recordHandled') expect(failures.length + thrown.length).toBeGreaterThan(0);
    for (const error of [...failures, ...thrown]) {
      expect((error as Error).name).toMatch(/^(StoreError|DriverError)$/);
      const texts = textsOf(error);
      for (const kept of [marker, 'hunter2', sent.headers['x-signature'], secret]) expect(texts).not.toContain(kept);
    }
  });

  test('every value that a store throws becomes a StoreError or a DriverError', async () => {
    const hostile = new Proxy(new Error('hidden'), {
      get() {
        throw new Error(marker);
      },
    });
    for (const thrown of [
      undefined,
      null,
      marker.repeat(3),
      Symbol(marker),
      hostile,
      { message: { marker } },
      [marker],
    ]) {
      const store = { ...memoryStore(), put: () => Promise.reject(thrown) };
      const { inbox, heard } = inboxWith({ store });
      expect(await post(inbox, await privately())).toBe(503);
      expect(heard('store-failed')).toHaveLength(1);
      const [event] = heard('store-failed');
      expect(event?.type === 'store-failed' && event.error.name).toBe('DriverError');
    }
  });
});

describe('a store that does not answer', () => {
  test('is answered 503 before Blue times out, and reported once', async () => {
    const store: InboxStore = { ...memoryStore(), put: () => new Promise(() => {}) };
    const { inbox, heard } = inboxWith({ store });
    const { signal } = new AbortController();
    const status = await Promise.race([
      post(inbox, await signed()),
      new Promise<string>((resolve) => {
        const timer = setTimeout(resolve, 6_900, 'Blue has hung up');
        signal.addEventListener('abort', () => clearTimeout(timer));
      }),
    ]);
    expect(status).toBe(503);
    expect(heard('store-failed')).toMatchObject([{ error: { name: 'StoreError', code: 'TIMEOUT' } }]);
  });

  test('keeps no stop waiting, whichever of its methods hangs', async () => {
    const stopped = (['lease', 'settle', 'close'] as const).map(async (method) => {
      const { inbox } = inboxWith({ store: { ...memoryStore(), [method]: () => new Promise(() => {}) } as InboxStore });
      await inbox.start();
      await post(inbox, await signed());
      await inbox.stop({ timeoutMs: 0 });
    });
    await Promise.all(stopped);
  });

  test('a stop while deliveries are being stored waits for them: what was answered 204 is there', async () => {
    const path = scratchFile();
    const { inbox } = inboxWith({ store: sqliteStore(path) });
    const sent = await Promise.all(Array.from({ length: 20 }, () => signed()));
    const statuses = Promise.all(sent.map((one) => post(inbox, one)));
    await new Promise(setImmediate);
    await inbox.stop();
    const acknowledged = (await statuses).filter((status) => status === 204).length;
    expect((await sqliteStore(path, { readOnly: true }).stats()).waiting).toBe(acknowledged);
  });
});

describe('a database handle that the application has closed', () => {
  test('is answered 503, reported once for each delivery, and ends no process', async () => {
    const database = openBeside(scratchFile());
    const { inbox, heard } = inboxWith({ store: sqliteStore(database) });
    expect(await post(inbox, await signed())).toBe(204);
    database.close();
    for (let failures = 1; failures <= 3; failures++) {
      expect(await post(inbox, await signed())).toBe(503);
      expect(heard('store-failed')).toHaveLength(failures);
    }
    await expect(inbox.stats()).rejects.toSatisfy(
      (error) => StoreError.is(error) || (error as Error).name === 'DriverError',
    );
  });
});

test('a file that stays locked is answered 503 in time, reported once for each delivery, and 204 afterwards', async () => {
  const path = scratchFile();
  const { inbox, heard } = inboxWith({ store: sqliteStore(path) });
  expect(await post(inbox, await signed())).toBe(204);
  const beside = openBeside(path);
  beside.exec('BEGIN EXCLUSIVE');
  const sent = await Promise.all([signed(), signed(), signed()]);
  const statuses = await Promise.race([
    Promise.all(sent.map((one) => post(inbox, one))),
    new Promise<string>((resolve) => setTimeout(resolve, 6_900, 'Blue has hung up')),
  ]);
  expect(statuses).toEqual([503, 503, 503]);
  expect(heard('store-failed')).toHaveLength(3);
  beside.exec('COMMIT');
  for (const one of sent) expect(await post(inbox, one)).toBe(204);
  await inbox.start();
  await eventually(async () => (await inbox.stats()).done === 4);
});
