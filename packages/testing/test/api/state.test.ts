import { describe, expect, test } from 'vitest';
import { lively } from './asking';

const records = `query ($filter: TodosFilter!, $sort: [TodosSort!], $limit: Int, $skip: Int) {
  recordQueries { todos(filter: $filter, sort: $sort, limit: $limit, skip: $skip) {
    items { id title done archived updatedAt html position todoList { id title project { id slug } } users { id } tags { id title }
      commentCount checklistCount customFields { id name value } checklists { id title checklistItems { id done users { id } } } }
    pageInfo { hasNextPage totalItems } } } }`;
const filter = { companyIds: ['rogue'] };

describe('state of the simulated API', () => {
  test('returns the records as the events left them', async () => {
    const { blue, ask } = await lively();
    const { data } = await ask(records, { filter, limit: 500 });
    const rows = blue.api.rows('record') as { id: string; title: string; done: boolean; todoListId: string }[];
    expect(rows.length).toBeGreaterThan(5);
    const { items, pageInfo } = data.recordQueries.todos;
    expect(pageInfo).toEqual({ hasNextPage: false, totalItems: rows.length });
    expect(
      items.map(({ id, title, done, todoList }: Record<string, unknown>) => ({
        id,
        title,
        done,
        list: (todoList as { id: string }).id,
      })),
    ).toEqual(rows.map(({ id, title, done, todoListId }) => ({ id, title, done, list: todoListId })));
  });

  test('contains as many rows of each kind as the scenario', async () => {
    const { blue } = await lively();
    for (const kind of ['record', 'list', 'tag', 'customField', 'checklist', 'checklistItem', 'comment'] as const) {
      expect(blue.api.rows(kind).length, kind).toBeGreaterThan(0);
    }
  });

  test('filters by updatedAt, sorts, and continues with skip', async () => {
    const { blue, ask } = await lively();
    const times = (blue.api.rows('record') as { updatedAt: string }[]).map(({ updatedAt }) => updatedAt).sort();
    const from = times[3] as string;
    const page = async (skip: number) =>
      (await ask(records, { filter: { ...filter, updatedAt_gte: from }, sort: ['updatedAt_ASC'], limit: 2, skip })).data
        .recordQueries.todos.items as { updatedAt: string }[];
    const seen = [...(await page(0)), ...(await page(2))].map(({ updatedAt }) => updatedAt);
    expect(seen).toEqual(times.slice(3, 7));
  });

  test('treats a limit of 0 and one above 500 as 500', async () => {
    const { blue, ask } = await lively();
    const count = blue.api.rows('record').length;
    for (const limit of [0, -1, 501]) {
      expect((await ask(records, { filter, limit })).data.recordQueries.todos.items, String(limit)).toHaveLength(count);
    }
  });

  test('separates archived records, unless the user may not see them', async () => {
    const { blue, ask } = await lively();
    const { id } = blue.api.rows('record')[0] as { id: string };
    blue.api.patch('record', id, { archived: true });
    const archivedIds = async () =>
      (await ask(records, { filter: { ...filter, archived: true }, limit: 500 })).data.recordQueries.todos.items.map(
        (each: { id: string }) => each.id,
      );
    expect(await archivedIds()).toEqual([id]);
    blue.api.set({ archivedVisible: false });
    expect(await archivedIds()).toHaveLength(blue.api.rows('record').length - 1);
  });

  test('hides rows, and unhides them', async () => {
    const { blue, ask } = await lively();
    const { id } = blue.api.rows('record')[0] as { id: string };
    const one = async () =>
      (await ask(records, { filter: { ...filter, todoIds: [id] } })).data.recordQueries.todos.items.length;
    expect(await one()).toBe(1);
    blue.api.hide(id);
    expect(await one()).toBe(0);
    blue.api.show(id);
    expect(await one()).toBe(1);
  });

  test('keeps a deleted comment as a blank row, and deleted records in the Trash', async () => {
    const { blue, ask } = await lively();
    const comment = blue.api.rows('comment').find(({ deletedAt }) => !deletedAt) as { id: string; todoId: string };
    blue.api.remove('comment', comment.id);
    const { data } = await ask(
      'query ($id: String!) { commentList(categoryId: $id, category: TODO) { comments { id text deletedAt } } }',
      { id: comment.todoId },
    );
    expect(data.commentList.comments).toContainEqual({ id: comment.id, text: '', deletedAt: expect.any(String) });
    blue.api.remove('record', comment.todoId);
    expect(blue.api.rows('record').map(({ id }) => id)).not.toContain(comment.todoId);
    blue.api.restore(comment.todoId);
    expect(blue.api.rows('record').map(({ id }) => id)).toContain(comment.todoId);
  });

  test.each(['todo', 'metadata', 'nowhere'] as const)(
    'names a removed record in %s, in its workspace only',
    async (place) => {
      const { blue, ask } = await lively(3, { removalNames: place });
      const { projectId } = blue.api.rows('list')[0] as { projectId: string };
      const query = `query ($projectId: String) {
      activityList(projectId: $projectId, categories: [REMOVE_TODO], first: 5) { activities { todo { id } metadata } } }`;
      const entries = (await ask(query, { projectId })).data.activityList.activities;
      expect(entries.length).toBeGreaterThan(0);
      for (const { todo, metadata } of entries) {
        expect([typeof todo?.id === 'string', typeof metadata === 'string']).toEqual([
          place === 'todo',
          place === 'metadata',
        ]);
      }
      expect((await ask(query)).data.activityList.activities).toEqual([]);
    },
  );

  test.each([true, false])('moves updatedAt on a comment: %s', async (comments) => {
    const { blue } = await lively(3, {
      touches: { comments, checklists: false, tags: true, assignees: true, customFields: true },
    });
    const comment = blue.api.rows('comment').at(-1) as { todoId: string; updatedAt: string; deletedAt: string | null };
    const record = blue.api.rows('record').find(({ id }) => id === comment.todoId) as { updatedAt: string };
    const later = '2026-02-01T00:00:00.000Z';
    await blue.emit({ event: 'COMMENT_UPDATED', currentValue: { ...comment, updatedAt: later } } as { event: string });
    const now = blue.api.rows('record').find(({ id }) => id === comment.todoId) as { updatedAt: string };
    expect(now.updatedAt).toBe(comments ? later : record.updatedAt);
  });

  test('returns rows of equal updatedAt in another order each time if the order is unstable', async () => {
    const { blue, ask } = await lively(3, { unstableOrder: true }, 30);
    for (const { id } of blue.api.rows('record'))
      blue.api.patch('record', id as string, { updatedAt: '2026-01-14T00:00:00.000Z' });
    const order = async () =>
      (await ask(records, { filter, sort: ['updatedAt_ASC'], limit: 500 })).data.recordQueries.todos.items.map(
        ({ id }: { id: string }) => id,
      );
    const [one, other] = [await order(), await order()];
    expect(one).not.toEqual(other);
    expect([...one].sort()).toEqual([...other].sort());
  });
});
