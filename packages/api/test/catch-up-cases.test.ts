import { runInNewContext } from 'node:vm';
import { memoryKnown } from '@blue-webhooks/api';
import { createReceiver } from '@blue-webhooks/core';
import { parseVerified } from '@blue-webhooks/core/adapter';
import { describe, expect, test } from 'vitest';
import { lived } from './lived';

describe('catchUp', () => {
  test('learns on its first full run, and hands nothing on that is older than `since`', async () => {
    const { run, names } = await lived();
    expect(await run()).toMatchObject({ repaired: 0, unknownKind: 0 });
    expect(names()).toEqual([]);
  });

  test('splits a net change into one event each, which say what changed and end at the present row', async () => {
    const { blue, run, events, names, record, later } = await lived();
    const before = record();
    const other = blue.api
      .rows('list')
      .find(({ id }) => id !== (before as unknown as { todoListId: string }).todoListId);
    const done = !(before as unknown as { done: boolean }).done;
    blue.api.patch('record', before.id, {
      title: 'Renamed',
      todoListId: other?.id,
      done,
      html: '<p>x</p>',
      updatedAt: later(),
    });
    expect(await run({ mode: 'changed' })).toMatchObject({ repaired: 3, unknownKind: 0 });
    expect(names()).toEqual(['TODO_NAME_CHANGED', 'TODO_MOVED', 'TODO_DONE_STATUS_UPDATED']);
    const [first, , last] = events() as unknown as Record<'previousValue' | 'currentValue', Record<string, unknown>>[];
    expect([first?.previousValue.title, first?.currentValue.title, first?.currentValue.done]).toEqual([
      before.title,
      'Renamed',
      !done,
    ]);
    expect(last?.currentValue).toMatchObject({ title: 'Renamed', todoListId: other?.id, done, html: '<p>x</p>' });
  });

  test('marks events as backfill, with partial rows without drift and only ids that the API returned', async () => {
    const { blue, run, handed, record, later } = await lived();
    blue.api.patch('record', record().id, { title: 'Renamed', updatedAt: later() });
    await run();
    expect(handed).toMatchObject([{ signature: 'backfill', secretId: undefined, attempt: undefined }]);
    expect(handed[0]?.id).toMatch(/^[0-9a-f]{32}$/);
    const { drift } = parseVerified(handed[0]?.rawBody ?? '');
    expect(drift).toEqual([]);
  });

  test('hands a change without an event on as UNKNOWN with a reason', async () => {
    const { blue, run, names, record, later } = await lived();
    blue.api.patch('record', record().id, { archived: true, updatedAt: later() });
    expect(await run()).toMatchObject({ unknownKind: 1, repaired: 1, deleted: 0 });
    expect(names()).toEqual(['UNKNOWN NO_EVENT_FOR_CHANGE']);
  });

  test('hands a changed record on as UNKNOWN where no earlier row is known', async () => {
    const { blue, run, names, record, later } = await lived();
    blue.api.patch('record', record().id, { title: 'Renamed', updatedAt: later() });
    expect(await run({ known: memoryKnown(), mode: 'changed' })).toMatchObject({ unknownKind: 1 });
    expect(names()).toEqual(['UNKNOWN NO_EARLIER_ROW']);
  });

  test.each(['todo', 'metadata', 'nowhere'] as const)(
    'reports a deleted record where the feed names it in %s',
    async (removalNames) => {
      const { blue, run, names } = await lived({ removalNames });
      const { id } = blue.api.rows('record')[1] as { id: string };
      const row = blue.api.rows('record').find((each) => each.id === id);
      blue.disable();
      await blue.emit({ event: 'TODO_DELETED', previousValue: row, currentValue: null } as { event: string });
      expect(await run({ mode: 'changed' })).toMatchObject({ deleted: 1, deletedUnresolved: 0 });
      expect(names()).toEqual(['TODO_DELETED']);
      expect(await run()).toMatchObject({ deleted: 0, repaired: 0 });
    },
  );

  test('does not report what a user may no longer see as deleted', async () => {
    const { blue, run, names, record } = await lived();
    blue.api.hide(record().id);
    expect(await run()).toMatchObject({ deleted: 0, deletedUnresolved: 1 });
    expect(names()).toEqual([]);
    blue.api.show(record().id);
    expect(await run()).toMatchObject({ repaired: 0, restored: 0 });
  });

  test('does not guess which of two absent records was deleted', async () => {
    const { blue, run, names } = await lived({ removalNames: 'nowhere' });
    const [one, other] = blue.api.rows('record') as { id: string }[];
    blue.disable();
    await blue.emit({ event: 'TODO_DELETED', previousValue: one, currentValue: null } as { event: string });
    blue.api.hide(other?.id ?? '');
    expect(await run()).toMatchObject({ deleted: 0, deletedUnresolved: 2 });
    expect(names()).toEqual([]);
  });

  test('counts what was deleted and is there again as restored', async () => {
    const { blue, run, names } = await lived();
    const row = blue.api.rows('record')[1] as { id: string };
    blue.disable();
    await blue.emit({ event: 'TODO_DELETED', previousValue: row, currentValue: null } as { event: string });
    await run();
    blue.api.restore(row.id);
    const { restored } = await run();
    expect(restored).toBeGreaterThan(0); // and what hangs on it
    expect(new Set(names())).toEqual(new Set(['TODO_DELETED', 'UNKNOWN RESTORED']));
    expect(await run()).toMatchObject({ restored: 0, repaired: 0 });
  });

  test('lists a workspace that cannot be read as unreachable, and does not move its cursor', async () => {
    const { blue, run, record } = await lived();
    const list = blue.api.rows('list')[0] as { projectId: string };
    blue.api.removeMember(list.projectId);
    const report = await run({ projects: [list.projectId] });
    expect(report).toMatchObject({ unreachable: [list.projectId], deleted: 0, repaired: 0, cursor: '{}' });
    expect(record()).toBeDefined();
  });

  test('continues from the cursor in `known`, or from that of a report', async () => {
    const { blue, clock, run, known, record, later } = await lived();
    const { cursor } = await run();
    await clock.sleep(3_600_000);
    blue.api.patch('record', record().id, { title: 'Renamed', updatedAt: later() });
    const from = { since: undefined, mode: 'changed' } as unknown as { mode: 'changed' };
    expect(await run({ ...from, dryRun: true, cursor })).toMatchObject({ repaired: 1 });
    expect(await run({ ...from, known })).toMatchObject({ repaired: 1 });
    expect(await run({ ...from, known: memoryKnown() })).toMatchObject({
      incomplete: [{ reason: 'NO_CURSOR: pass `since`.' }],
    });
  });

  test('counts without passing on or storing with dryRun', async () => {
    const { blue, run, names, record, later } = await lived();
    blue.api.patch('record', record().id, { title: 'Renamed', updatedAt: later() });
    expect(await run({ dryRun: true })).toMatchObject({ repaired: 1 });
    expect(names()).toEqual([]);
    expect(await run()).toMatchObject({ repaired: 1 });
  });

  test('hands an event on again whose handler failed', async () => {
    const { blue, run, record, later } = await lived();
    blue.api.patch('record', record().id, { title: 'Renamed', updatedAt: later() });
    const failures: unknown[] = [];
    const failing = createReceiver({ allowUnsigned: true }).on('TODO_NAME_CHANGED', () =>
      Promise.reject(new Error('bug')),
    );
    const report = await run({ to: failing, onFailure: (error) => failures.push(error) });
    expect(report).toMatchObject({
      repaired: 0,
      failed: 1,
      incomplete: [{ reason: 'HANDLER_FAILED: see `onFailure`.' }],
    });
    expect(failures).toMatchObject([{ message: 'bug' }]);
    expect(await run()).toMatchObject({ repaired: 1, failed: 0 });
  });

  test('counts the changes that only a full scan finds', async () => {
    const { blue, run, record } = await lived();
    blue.api.patch('record', record().id, { title: 'Renamed' }); // updatedAt has not moved
    expect(await run({ mode: 'changed' })).toMatchObject({ repaired: 0, foundByFullScan: 0 });
    expect(await run()).toMatchObject({ repaired: 1, foundByFullScan: 1 });
  });

  test('takes a Date of another realm, such as a test environment’s', async () => {
    const { run } = await lived({}, 1);
    const since = runInNewContext('new Date(at)', { at: Date.now() - 60_000 }) as Date;
    expect(since instanceof Date).toBe(false);
    expect(await run({ since })).toMatchObject({ failed: 0 });
  });

  test('throws TypeError for invalid options', async () => {
    const { run } = await lived({}, 1);
    await expect(run({ to: {} as never })).rejects.toThrow('`to` must be an inbox');
    await expect(run({ since: new Date('nonsense') })).rejects.toThrow('`since` must be a valid Date');
    await expect(run({ since: 'yesterday' as never })).rejects.toThrow('`since` must be a valid Date');
    await expect(run({ projects: [''] })).rejects.toThrow('`projects`');
    await expect(run({ since: undefined as never, cursor: 'nonsense' })).rejects.toThrow('`cursor`');
  });
});
