import { blueSchema } from '@blue-webhooks/testing';
import { buildSchema, validateSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { blueWithApi, codeOf, lively } from './asking';

const me = '{ currentUser { id } }';

describe('requests to the simulated API', () => {
  test.each(['A', 'B', 'C'] as const)('serves a valid schema of generation %s', (generation) => {
    expect(validateSchema(buildSchema(blueSchema(generation)))).toEqual([]);
  });

  test.each([
    ['A', '{ todoQueries { todos(filter: { companyIds: [] }) { items { id } } } }', true],
    [
      'A',
      '{ todoQueries { todos(filter: { companyIds: [], updatedAt_gte: "2026-01-01T00:00:00Z" }) { items { id } } } }',
      false,
    ],
    [
      'B',
      '{ todoQueries { todos(filter: { companyIds: [], archived: true }, sort: [updatedAt_ASC]) { items { id } } } }',
      true,
    ],
    ['B', '{ recordQueries { todos(filter: { companyIds: [] }) { items { id } } } }', false],
    ['C', '{ recordQueries { todos(filter: { companyIds: [] }) { items { id } pageInfo { nextCursor } } } }', true],
  ] as const)('generation %s: %s is valid: %s', async (generation, query, valid) => {
    const { blue, ask } = blueWithApi({ generation });
    expect(codeOf(await ask(query))).toBe(valid ? undefined : 'GRAPHQL_VALIDATION_FAILED');
    blue.api.set({ validationErrors: 'masked' });
    expect(codeOf(await ask(query))).toBe(valid ? undefined : 'INTERNAL_SERVER_ERROR');
  });

  test('refuses introspection if it is disabled', async () => {
    const { blue, ask } = blueWithApi();
    const query = '{ __type(name: "Query") { fields { name } } }';
    expect((await ask(query)).data.__type.fields.length).toBeGreaterThan(10);
    blue.api.set({ introspection: false });
    expect(codeOf(await ask(query))).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('refuses a document that is deeper than ten levels', async () => {
    const { ask } = blueWithApi();
    const deep =
      '{ todoQueries { todos(filter: { companyIds: [] }) { items { checklists { todo { checklists { todo { checklists { todo { id } } } } } } } } } }';
    expect(codeOf(await ask(deep))).toBeUndefined();
    expect(codeOf(await ask(deep.replace('todo { id }', 'todo { checklists { id } }')))).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
  });

  test('returns 429 with headers and body after 20 requests in any 60 seconds', async () => {
    const { clock, post } = blueWithApi();
    for (let count = 0; count < 20; count++) {
      const response = await post(me);
      expect([response.status, response.headers.get('x-ratelimit-remaining')]).toEqual([200, String(19 - count)]);
      await clock.sleep(1_000);
    }
    const refused = await post(me);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('40');
    expect(Number(refused.headers.get('x-ratelimit-reset'))).toBe(Math.ceil((clock.now() + 40_000) / 1_000));
    expect(await refused.json()).toEqual({ error: 'RATE_LIMITED', message: expect.any(String), retryAfter: 40 });
    await clock.sleep(40_000);
    expect((await post(me)).status).toBe(200);
  });

  test('fails in the configured ways', async () => {
    const { blue, post } = blueWithApi({ requestsPerMinute: { key: 1_000, user: 1_000, organization: 1_000 } });
    blue.api.set({ faults: { tooManyRequests: 1 } });
    expect((await post(me)).status).toBe(429);
    blue.api.set({ faults: { rateLimited: 1 } });
    expect(codeOf((await (await post(me)).json()) as never)).toBe('RATE_LIMITED');
    blue.api.set({ faults: { serverError: 1 } });
    const answers = await Promise.all(Array.from({ length: 12 }, () => post(me)));
    expect(new Set(answers.map(({ status, headers }) => `${status} ${headers.get('content-type')}`))).toEqual(
      new Set(['502 text/html', '500 application/json']),
    );
  });

  test('loses the response after a mutation has run', async () => {
    const { blue, post } = blueWithApi({ faults: { lostAnswer: 1 } });
    const create = 'mutation { createWebhook(input: { url: "http://localhost/second" }) { id } }';
    await expect(post(create)).rejects.toThrow(TypeError);
    expect(blue.api.webhooks).toHaveLength(2);
    expect((await post(me)).status).toBe(200);
    expect(blue.api.requests.map(({ kind, status }) => [kind, status])).toEqual([
      ['mutation', undefined],
      ['query', 200],
    ]);
  });

  test('returns 401 without a valid token, and accepts the older header names', async () => {
    const { post } = blueWithApi();
    expect((await post(me, {}, { 'blue-token-secret': 'pat_wrong' })).status).toBe(401);
    const older = { 'x-bloo-token-id': 'test-token', 'x-bloo-token-secret': 'pat_test-token' };
    expect((await post(me, {}, { 'blue-token-id': '', 'blue-token-secret': '', ...older })).status).toBe(200);
  });

  test('serves HTTP, and breaks the connection if a response is lost', async () => {
    const { blue } = await lively(3, { faults: { lostAnswer: 1 } });
    const server = await blue.api.listen();
    const headers = { 'blue-token-id': 'test-token', 'blue-token-secret': 'pat_test-token', 'blue-org-id': 'rogue' };
    const post = (query: string) => fetch(server.url, { method: 'POST', headers, body: JSON.stringify({ query }) });
    expect(await (await post(me)).json()).toEqual({ data: { currentUser: { id: blue.webhook.createdById } } });
    await expect(
      post('mutation { deleteWebhook(input: { webhookId: "clm4n8qwx000008l0g4oxdqn7" }) { success } }'),
    ).rejects.toThrow();
    await server.close();
  });

  test('throws TypeError for an option that does not exist or has another type', () => {
    expect(() => blueWithApi({ generations: 'A' } as never)).toThrow('`generations` is not an option');
    expect(() => blueWithApi({ introspection: 'no' } as never)).toThrow(
      '`introspection` must be a boolean, got a string',
    );
  });
});
