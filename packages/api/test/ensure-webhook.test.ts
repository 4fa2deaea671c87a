import { BlueApiError, type BlueClient, type EnsureOptions, ensureWebhook, type NewSecret } from '@blue-webhooks/api';
import { describe, expect, test } from 'vitest';
import { world } from './world';

const url = 'http://localhost/webhooks/mine';

/** What a process does at boot, with a store of secrets that all share. */
function boot(secrets: Map<string, string>, options: Partial<EnsureOptions> = {}) {
  return (client: BlueClient) =>
    ensureWebhook(client, {
      url,
      name: 'mirror',
      events: 'all',
      projectIds: 'all',
      onSecret: ({ webhookId, secret }: NewSecret) => void secrets.set(webhookId, secret),
      ...options,
    });
}

const mutations = (requests: readonly { readonly fields: readonly string[]; readonly kind: string }[]) =>
  requests.filter(({ kind }) => kind === 'mutation').flatMap(({ fields }) => fields);

describe('ensureWebhook', () => {
  test('creates the webhook once and changes nothing afterwards', async () => {
    const { blue, client } = world();
    const secrets = new Map<string, string>();
    const first = await boot(secrets)(client());
    expect(first).toMatchObject({ action: 'created', deleted: [], webhook: { name: 'mirror', url, enabled: true } });
    expect([...secrets.keys()]).toEqual([first.webhook.id]);
    const before = mutations(blue.api.requests).length;
    expect(await boot(secrets)(client())).toMatchObject({ action: 'unchanged', webhook: { id: first.webhook.id } });
    expect(mutations(blue.api.requests)).toHaveLength(before);
  });

  test('hands the secret over before it does anything else with the webhook', async () => {
    const { blue, client } = world();
    const seen: string[][] = [];
    await boot(new Map(), { onSecret: () => void seen.push(mutations(blue.api.requests)) })(client());
    expect(seen).toEqual([['createWebhook']]);
  });

  test('deletes the webhook again if its secret cannot be stored', async () => {
    const { blue, client } = world();
    const failing = boot(new Map(), { onSecret: () => Promise.reject(new Error('disk full')) });
    await expect(failing(client())).rejects.toThrow('disk full');
    expect(blue.api.webhooks).toHaveLength(1); // the simulator's own
  });

  test('updates lists that differ, whatever their order', async () => {
    const { blue, client } = world();
    const secrets = new Map<string, string>();
    const { webhook } = await boot(secrets, { events: ['TODO_MOVED', 'TAG_CREATED'] })(client());
    expect((await boot(secrets, { events: ['TAG_CREATED', 'TODO_MOVED'] })(client())).action).toBe('unchanged');
    const updated = await boot(secrets, { events: ['TAG_CREATED'] })(client());
    expect(updated).toMatchObject({ action: 'updated', webhook: { id: webhook.id, events: ['TAG_CREATED'] } });
    expect(blue.report.attempts).toEqual([]); // no health check
  });

  test('replaces a webhook whose secret is unknown', async () => {
    const { blue, clock, client } = world();
    const { webhook: lost } = await boot(new Map())(client());
    await clock.sleep(120_000);
    const secrets = new Map<string, string>();
    const replaced = await boot(secrets, { hasSecret: (id) => secrets.has(id) })(client());
    expect(replaced).toMatchObject({ action: 'replaced', deleted: [lost.id] });
    expect(blue.api.webhooks.map(({ id }) => id)).toEqual([blue.webhook.id, replaced.webhook.id]);
    expect([...secrets.keys()]).toEqual([replaced.webhook.id]);
  });

  test('leaves webhooks of another URL or name alone, and never enables one', async () => {
    const { blue, client } = world();
    const secrets = new Map<string, string>();
    await boot(secrets)(client());
    await boot(secrets, { name: 'other' })(client());
    await client().run('UpdateWebhook', { input: { webhookId: blue.api.webhooks[1]?.id ?? '', enabled: false } });
    expect((await boot(secrets)(client())).webhook.enabled).toBe(false);
    expect(blue.api.webhooks).toHaveLength(3);
  });

  test.each([1, 2, 3, 4])(
    'fifty concurrent processes leave one webhook whose secret is stored (seed %s)',
    async (seed) => {
      const { blue, client } = world({ seed, requestsPerMinute: { key: 500, user: 500, organization: 500 } });
      const secrets = new Map<string, string>();
      const all = await Promise.all(
        Array.from({ length: 50 }, () => boot(secrets)(client({ requestsPerMinute: 200 }))),
      );
      const mine = blue.api.webhooks.filter((webhook) => webhook.url === url);
      expect(mine.map(({ name }) => name)).toEqual(['mirror']);
      expect(new Set(all.map(({ webhook }) => webhook.id))).toEqual(new Set([mine[0]?.id]));
      expect(secrets.has(mine[0]?.id ?? '')).toBe(true);
    },
  );

  test.each([1, 2, 3, 4, 5, 6])(
    'fifty processes leave one webhook where answers are lost and requests fail (seed %s)',
    async (seed) => {
      const faults = { lostAnswer: 0.2, tooManyRequests: 0.1, rateLimited: 0.05, serverError: 0.05 };
      const { blue, client } = world({ seed, faults, requestsPerMinute: { key: 500, user: 500, organization: 500 } });
      const secrets = new Map<string, string>();
      const start = () => boot(secrets, { hasSecret: (id) => secrets.has(id) })(client({ requestsPerMinute: 200 }));
      const all = await Promise.allSettled(Array.from({ length: 50 }, start));
      expect(all.filter(({ status }) => status === 'rejected')).toEqual([]);
      const mine = blue.api.webhooks.filter((webhook) => webhook.url === url);
      expect(mine.map(({ name }) => name)).toEqual(['mirror']);
      expect(secrets.has(mine[0]?.id ?? '')).toBe(true);
    },
  );

  test('uses the webhook of a faster process where the plan allows no second one', async () => {
    const { blue, client } = world({ maxEnabledWebhooks: 2 });
    const secrets = new Map<string, string>();
    const all = await Promise.all(Array.from({ length: 5 }, () => boot(secrets)(client())));
    expect(new Set(all.map(({ webhook }) => webhook.id)).size).toBe(1);
    blue.api.set({ maxEnabledWebhooks: 1 });
    const refused = boot(secrets, { name: 'another' })(client());
    await expect(refused).rejects.toSatisfy((error) => BlueApiError.is(error, 'PLAN_LIMIT_REACHED'));
  });

  test('leaves a webhook whose secret is unknown where the plan allows no second one, and reports the limit', async () => {
    const { blue, clock, client } = world({ maxEnabledWebhooks: 2 });
    const { webhook } = await boot(new Map())(client());
    await clock.sleep(120_000);
    const replacing = boot(new Map(), { hasSecret: () => false })(client());
    await expect(replacing).rejects.toSatisfy((error) => BlueApiError.is(error, 'PLAN_LIMIT_REACHED'));
    expect(blue.api.webhooks.map(({ id }) => id)).toEqual([blue.webhook.id, webhook.id]);
  });

  test('says what a private address is answered', async () => {
    const { client } = world({ refusePrivateUrls: true });
    await expect(boot(new Map())(client())).rejects.toThrow('private address');
  });

  test('throws TypeError for an empty list, which would mean all, and for an unknown event', async () => {
    const { client } = world();
    await expect(boot(new Map(), { events: [] })(client())).rejects.toThrow("or 'all'");
    await expect(boot(new Map(), { events: ['TODO_EATEN'] })(client())).rejects.toThrow("'TODO_EATEN'");
  });
});
