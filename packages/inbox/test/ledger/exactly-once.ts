import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  type BlueEvent,
  createReceiver,
  type Delivery,
  type EventHandler,
  type Ledger,
  type LedgerOptions,
  type ReceiverOptions,
  UnrecoverableError,
  type WebhookError,
} from '@blue-webhooks/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createInbox, memoryStore, type TransactionHandler } from '../../src/index';
import { eventually, post, secret, signed } from '../endpoint';

type TransactionLedger<Tx> = Ledger & {
  open(): Promise<void>;
  transaction<E extends BlueEvent>(handler: TransactionHandler<E, Tx>): EventHandler<E>;
};

/** A database with a ledger and a table of effects, which would keep any number of rows of a delivery. */
export interface Effects<Tx> {
  /** The ledger, as another process would have it. */
  readonly ledger: (options?: LedgerOptions) => TransactionLedger<Tx>;
  readonly insert: (tx: Tx, id: string) => unknown;
  /** The ids for which there is an effect. */
  readonly all: () => Promise<string[]>;
  /**
   * Inserts an effect in a transaction of its own, finishes the delivery in it, and commits. With `hide`, it commits even if `finish`
   * throws. With `rollBack`, it does not commit.
   */
  readonly finish: (id: string, token: string | undefined, how?: { hide?: true; rollBack?: true }) => Promise<void>;
  /** Says that the table of the ledger has that version. */
  readonly setVersion: (version: number) => Promise<void>;
  readonly rows: () => Promise<number>;
}

/** A receiver that records its failures. */
export function receiverWith(ledger: Ledger | undefined, options: Partial<ReceiverOptions> = {}) {
  const failures: WebhookError[] = [];
  const receiver = createReceiver({ secret, ledger, onFailure: (error) => failures.push(error), ...options });
  return { receiver, failures, codes: () => failures.map(({ code }) => code) };
}

/** Begins a delivery that is free. */
export async function tokenOf(ledger: Ledger, id: string): Promise<string> {
  const answer = await ledger.begin(id);
  if (answer.state !== 'new') throw new Error(`The delivery is ${answer.state}.`);
  return answer.token;
}

/** Runs a transaction handler as a receiver does, under any lease. */
function runUnder<Tx>(ledger: TransactionLedger<Tx>, id: string, leaseToken: string, work: (tx: Tx) => unknown) {
  const delivery = { id, leaseToken, signal: new AbortController().signal } as Delivery;
  return ledger.transaction((_event, tx: Tx) => work(tx))({} as BlueEvent, delivery);
}

/** What holds on every database. */
export function exactlyOnce<Tx>(effects: () => Promise<Effects<Tx>>): void {
  test('commits the writes of a handler and that the delivery is done together', async () => {
    const { ledger, insert, all } = await effects();
    const shared = ledger();
    const { receiver, codes } = receiverWith(shared);
    receiver.on(
      'TODO_MOVED',
      shared.transaction((_event, tx, { id }) => insert(tx, id)),
    );
    const delivery = await signed();
    for (let times = 0; times < 3; times++) expect(await post(receiver, delivery)).toBe(204);
    expect(await all()).toEqual([delivery.id]);
    expect(await ledger().begin(delivery.id)).toEqual({ state: 'done' });
    expect(codes()).toEqual([]);
  });

  test('rolls back what a handler wrote before it failed, and leaves the delivery to be retried', async () => {
    const { ledger, insert, all } = await effects();
    const shared = ledger();
    const { receiver, codes } = receiverWith(shared);
    const attempts: unknown[] = [];
    receiver.on(
      'TODO_MOVED',
      shared.transaction((_event, tx, { id, attempt }) => {
        const inserted = insert(tx, id);
        attempts.push(attempt);
        if (attempts.length < 3) throw new Error('after the write');
        return inserted;
      }),
    );
    const delivery = await signed();
    expect(await post(receiver, delivery)).toBe(500);
    expect(await all()).toEqual([]);
    expect(await post(receiver, delivery)).toBe(500);
    expect(await post(receiver, delivery)).toBe(204);
    expect(await all()).toEqual([delivery.id]);
    expect(attempts).toEqual([1, 2, 3]);
    expect(codes()).toEqual(['HANDLER_FAILED', 'HANDLER_FAILED']);
  });

  test('commits nothing once another process has taken the lease', async () => {
    const { ledger, insert, all } = await effects();
    const [first, second] = [ledger({ leaseMs: 50 }), ledger()];
    const stale = await tokenOf(first, 'a');
    await sleep(100);
    const token = await tokenOf(second, 'a');
    await expect(runUnder(first, 'a', stale, (tx) => insert(tx, 'a'))).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await all()).toEqual([]);
    await runUnder(second, 'a', token, (tx) => insert(tx, 'a'));
    await expect(runUnder(first, 'a', stale, (tx) => insert(tx, 'a'))).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await all()).toEqual(['a']);
    expect(await first.begin('a')).toEqual({ state: 'done' });
  });

  test('commits nothing once the delivery was moved to the dead letters', async () => {
    const { ledger, insert, all } = await effects();
    const shared = ledger();
    const token = await tokenOf(shared, 'a');
    expect(await ledger().deadLetter('a')).toBe('dead-lettered');
    await expect(runUnder(shared, 'a', token, (tx) => insert(tx, 'a'))).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await all()).toEqual([]);
  });

  test('runs last, and not while another handler of the event has to be retried', async () => {
    const { ledger, insert, all } = await effects();
    const shared = ledger();
    const { receiver } = receiverWith(shared);
    const ran: string[] = [];
    receiver.on(
      'TODO_MOVED',
      shared.transaction((_event, tx, { id }) => {
        ran.push('transaction');
        return insert(tx, id);
      }),
    );
    receiver.onAny(() => {
      ran.push('crm');
      if (ran.length < 3) throw new Error('the CRM is down');
    });
    const delivery = await signed();
    expect(await post(receiver, delivery)).toBe(500);
    expect(await post(receiver, delivery)).toBe(500);
    expect(await all()).toEqual([]);
    expect(await post(receiver, delivery)).toBe(204);
    expect(ran).toEqual(['crm', 'crm', 'crm', 'transaction']);
    expect(await all()).toEqual([delivery.id]);
  });

  test('runs if another handler of the event can never succeed', async () => {
    const { ledger, insert, all } = await effects();
    const shared = ledger();
    const { receiver } = receiverWith(shared);
    receiver.on('TODO_MOVED', () => Promise.reject(new UnrecoverableError('no such record')));
    receiver.on(
      'TODO_MOVED',
      shared.transaction((_event, tx, { id }) => insert(tx, id)),
    );
    const delivery = await signed();
    expect(await post(receiver, delivery)).toBe(204);
    expect(await all()).toEqual([delivery.id]);
  });

  test('writes nothing without a lease: of another ledger, of none, and in an inbox', async () => {
    const { ledger, insert, all } = await effects();
    const shared = ledger();
    const handler = shared.transaction<BlueEvent>((_event, tx, { id }) => insert(tx, id));
    const { receiver, failures } = receiverWith(undefined);
    receiver.on('TODO_MOVED', handler);
    expect(await post(receiver, await signed())).toBe(500);
    expect(inspect(failures)).toContain('The delivery has no lease');

    const broken = { ...shared, begin: () => Promise.reject(new Error('down')) };
    const other = receiverWith(broken);
    other.receiver.on('TODO_MOVED', handler);
    expect(await post(other.receiver, await signed())).toBe(500);
    expect(other.codes()).toEqual(['LEDGER_FAILED', 'HANDLER_FAILED']);

    const inbox = createInbox({ receiver, store: memoryStore(), retry: { maxAttempts: 1 } });
    onTestFinished(() => inbox.stop({ timeoutMs: 0 }));
    await inbox.start();
    const delivery = await signed();
    expect(await post(inbox, delivery)).toBe(204);
    const dead = await eventually(async () => {
      const one = await inbox.get(delivery.id);
      return one?.state === 'dead' && one;
    });
    expect(dead.lastError).toContain('In an inbox, use inbox.transaction');
    expect(await all()).toEqual([]);
  });

  test('finishes in a transaction of the handler’s own, whose holder is not taken for a stale one afterwards', async () => {
    const { ledger, finish, all } = await effects();
    const shared = ledger();
    const { receiver, codes } = receiverWith(shared);
    receiver.on('TODO_MOVED', async (_event, { id, leaseToken }) => {
      await finish(id, leaseToken);
      expect(await shared.renew(id, leaseToken ?? '')).toBe('renewed');
      expect(await shared.begin(id)).toEqual({ state: 'done' });
    });
    const delivery = await signed();
    expect(await post(receiver, delivery)).toBe(204);
    expect(await post(receiver, delivery)).toBe(204);
    expect(await all()).toEqual([delivery.id]);
    expect(codes()).toEqual([]);
  });

  test('a delivery that a transaction has finished stays done, however its holder goes on', async () => {
    const { ledger, finish, all } = await effects();
    for (const [id, after] of Object.entries({
      fails: async (one: Ledger, token: string) => {
        expect(await one.fail('fails', token)).toBe('done');
        expect(await one.release('fails', token)).toBe('released');
      },
      finishes: async (one: Ledger, token: string) => expect(await one.finish('finishes', token)).toBe('finished'),
      dies: async () => {},
    })) {
      const shared = ledger({ leaseMs: 50 });
      const token = await tokenOf(shared, id);
      await finish(id, token);
      await after(shared, token);
      await sleep(100);
      expect(await ledger().begin(id)).toEqual({ state: 'done' });
    }
    expect((await all()).sort()).toEqual(['dies', 'fails', 'finishes']);
  });

  test('a transaction that is rolled back leaves the delivery with its holder', async () => {
    const { ledger, finish, all } = await effects();
    const shared = ledger();
    const token = await tokenOf(shared, 'a');
    await finish('a', token, { rollBack: true });
    expect(await all()).toEqual([]);
    expect(await ledger().begin('a')).toEqual({ state: 'in-progress' });
    expect(await shared.fail('a', token)).toBe(1);
    expect(await shared.release('a', token)).toBe('released');
    expect(await ledger().begin('a')).toMatchObject({ state: 'new', attempt: 2 });
  });

  test.each([
    ['a token that was never issued', async () => 'a token'],
    ['no token, since the ledger failed', async () => undefined],
    [
      'a stale token',
      async (ledger: (options?: LedgerOptions) => Ledger) => {
        const token = await tokenOf(ledger({ leaseMs: 50 }), 'a');
        await sleep(100);
        await tokenOf(ledger(), 'a');
        return token;
      },
    ],
  ])('a transaction of the handler’s own cannot finish with %s', async (_, make) => {
    const { ledger, finish, all } = await effects();
    await ledger().open();
    const token = await make(ledger);
    await expect(finish('a', token)).rejects.toThrow(token === undefined ? 'no lease' : 'nothing was committed');
    expect(await all()).toEqual([]);
  });

  test('forgets deliveries after their time to live, and deletes them', async () => {
    const { ledger, rows } = await effects();
    const short = ledger({ ttlMs: 100, leaseMs: 50 });
    for (const id of ['a', 'b', 'c']) await short.finish(id, await tokenOf(short, id));
    await short.fail('d');
    expect(await rows()).toBe(4);
    await sleep(200);
    expect(await tokenOf(short, 'a')).toBeTypeOf('string');
    expect(await rows()).toBe(1);
  });

  test('times as long as a number can say are kept', async () => {
    const { ledger } = await effects();
    const long = ledger({ ttlMs: Number.MAX_SAFE_INTEGER, leaseMs: Number.MAX_SAFE_INTEGER });
    const token = await tokenOf(long, 'a');
    expect(await long.begin('a')).toEqual({ state: 'in-progress' });
    expect(await long.renew('a', token)).toBe('renewed');
    expect(await long.finish('a', token)).toBe('finished');
    expect(await long.begin('a')).toEqual({ state: 'done' });
  });

  describe('a table of a newer version', () => {
    test('is refused by name at start, and reported for each delivery; no transaction handler runs', async () => {
      const { ledger, setVersion, insert, all } = await effects();
      await ledger().open();
      await setVersion(99);
      const refused = ledger();
      await expect(refused.open()).rejects.toMatchObject({ name: 'StoreError', code: 'NEWER_INBOX' });
      const { receiver, failures } = receiverWith(refused);
      const ran: string[] = [];
      receiver.on('TODO_CREATED', () => void ran.push('plain'));
      receiver.on(
        'TODO_MOVED',
        refused.transaction((_event, tx, { id }) => insert(tx, id)),
      );
      expect(await post(receiver, await signed({ event: 'TODO_CREATED', currentValue: { id: 'a', title: 'T' } }))).toBe(
        204,
      );
      expect(await post(receiver, await signed())).toBe(500);
      const reported = failures.map(({ code, cause }) => [code, (cause as { code?: string }).code]);
      const newer = ['LEDGER_FAILED', 'NEWER_INBOX'];
      expect(reported).toEqual([newer, newer, ['HANDLER_FAILED', undefined], newer]); // the last: the failure is not counted
      expect(ran).toEqual(['plain']);
      expect(await all()).toEqual([]);
    });

    test('does not stop a process that was running before, during a rolling deployment', async () => {
      const { ledger, setVersion, insert, all } = await effects();
      const running = ledger();
      const token = await tokenOf(running, 'a');
      await setVersion(99);
      await runUnder(running, 'a', token, (tx) => insert(tx, 'a'));
      expect(await running.begin('a')).toEqual({ state: 'done' });
      expect(await running.begin('b')).toMatchObject({ state: 'new' });
      expect(await all()).toEqual(['a']);
    });
  });

  test('arguments of another type are refused, and a finished delivery is not written to', async () => {
    const { ledger, insert, all } = await effects();
    const shared = ledger();
    const token = await tokenOf(shared, 'a');
    expect(await shared.finish('a', token)).toBe('finished');
    for (const bad of ['begin', 'renew', 'finish', 'fail', 'release', 'deadLetter'] as const) {
      await expect((async () => (shared[bad] as (id: unknown, token: unknown) => unknown)(7, 'b'))()).rejects.toThrow(
        TypeError,
      );
    }
    await expect((async () => shared.renew('a', {} as never))()).rejects.toThrow(TypeError);
    expect(() => shared.transaction(undefined as never)).toThrow('The handler must be a function');
    await expect(runUnder(shared, 'a', token, (tx) => insert(tx, 'a'))).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await all()).toEqual([]);
  });
}
