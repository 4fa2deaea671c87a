import { inspect } from 'node:util';
import { BlueApiError, type BlueClient, createBlueClient } from '@blue-webhooks/api';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { busiestMinute, tokenSecret, world } from './world';

const me = (client: BlueClient) => client.run('CurrentUser', {});

async function errorOf(work: Promise<unknown>): Promise<BlueApiError> {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (BlueApiError.is(error)) return error;
  throw new Error('Expected a BlueApiError.');
}

describe('budget', () => {
  test('sends at most 20 requests in any 60 seconds, over all clients of a token', async () => {
    const { blue, client } = world({ requestsPerMinute: { key: 1_000, user: 1_000, organization: 1_000 } });
    const clients = [client(), client(), client()];
    await Promise.all(Array.from({ length: 90 }, (_, place) => me(clients[place % 3] as BlueClient)));
    expect(blue.api.requests).toHaveLength(90);
    expect(busiestMinute(blue.api.requests)).toBe(20);
  });

  test.each([86_400_000, -86_400_000])('keeps its minute when the wall clock jumps by %i ms', async (jumpMs) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const sent: number[] = [];
    const one = createBlueClient({
      tokenId: `jump${jumpMs}`,
      tokenSecret,
      organizationId: 'o',
      requestsPerMinute: 2,
      fetch: async () => {
        sent.push(performance.now());
        return Response.json({ data: { currentUser: { id: 'u' } } });
      },
    });
    const startedAt = performance.now();
    const first = Promise.allSettled([me(one), me(one)]);
    await vi.advanceTimersByTimeAsync(1_000);
    vi.setSystemTime(Date.now() + jumpMs);
    const second = Promise.allSettled([me(one), me(one)]);
    await vi.advanceTimersByTimeAsync(50_000);
    const inTheMinute = sent.filter((at) => at - startedAt < 60_000).length;
    await vi.advanceTimersByTimeAsync(20_000);
    expect([inTheMinute, sent.length]).toEqual([2, 4]);
    await Promise.all([first, second]);
  });

  test('is never refused by a server that allows as many', async () => {
    const { blue, client } = world();
    const one = client();
    await Promise.all(Array.from({ length: 50 }, () => me(one)));
    expect(blue.api.requests.filter(({ status }) => status === 429)).toEqual([]);
  });

  test('counts a request until 60 seconds after its answer', async () => {
    const { blue, clock, client } = world({ requestsPerMinute: { key: 1_000, user: 1_000, organization: 1_000 } });
    const arrivals: { atMs: number }[] = [];
    const slow = client({
      requestsPerMinute: 1,
      fetch: async (request) => {
        await clock.sleep(arrivals.length === 0 ? 10_000 : 0); // the first one is long on its way
        arrivals.push({ atMs: clock.now() });
        return blue.api.fetch(request);
      },
    });
    await Promise.all([me(slow), me(slow)]);
    expect((arrivals[1]?.atMs ?? 0) - (arrivals[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(60_000);
  });

  test('waits as long as Retry-After says, all clients of the token', async () => {
    const { blue, clock, client } = world({ faults: { tooManyRequests: 1 } });
    const start = clock.now();
    const first = me(client());
    blue.api.onRequest = () => blue.api.set({ faults: {}, requestsPerMinute: { key: 20, user: 40, organization: 60 } });
    await first;
    await me(client());
    const [refused, again] = blue.api.requests;
    expect(refused?.status).toBe(429);
    expect((again?.atMs ?? 0) - start).toBeGreaterThanOrEqual(1_000);
  });
});

describe('retries', () => {
  test('sends reads again after failures, and both kinds after rate limits', async () => {
    const { blue, client } = world({
      seed: 5,
      faults: { tooManyRequests: 0.1, rateLimited: 0.1, serverError: 0.2 },
    });
    const one = client();
    for (let count = 0; count < 60; count++) await me(one);
    expect(new Set(blue.api.requests.map(({ status, code }) => `${status} ${code}`))).toEqual(
      new Set(['200 undefined', '429 RATE_LIMITED', '200 RATE_LIMITED', '500 INTERNAL_SERVER_ERROR', '502 undefined']),
    );
    blue.api.set({ faults: { rateLimited: 1 } });
    blue.api.onRequest = () => blue.api.set({ faults: {} });
    await one.run('CreateWebhook', { input: { url: 'http://localhost/second' } });
    expect(blue.api.webhooks).toHaveLength(2);
  });

  test.each([
    ['serverError', 1],
    ['lostAnswer', 2],
  ] as const)('sends a mutation once where %s leaves it unclear', async (fault, webhooks) => {
    const { blue, client } = world({ faults: { [fault]: 1 } });
    const error = await errorOf(client().run('CreateWebhook', { input: { url: 'http://localhost/second' } }));
    expect(error.unclear).toBe(true);
    expect(blue.api.requests).toHaveLength(1);
    expect(blue.api.webhooks).toHaveLength(webhooks);
  });

  test('ends a request after timeoutMs, also where fetch ignores its signal', async () => {
    const { clock, client } = world();
    const start = clock.now();
    const hanging = client({ timeoutMs: 15_000, maxRetries: 0, fetch: () => new Promise(() => {}) });
    expect((await errorOf(me(hanging))).code).toBe('TIMEOUT');
    expect(clock.now() - start).toBe(15_000);
  });

  test('stops waiting when its signal aborts', async () => {
    const { client } = world({ faults: { rateLimited: 1 } });
    const controller = new AbortController();
    const reading = client().run('CurrentUser', {}, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});

describe('errors', () => {
  test('name the code, a cause and a cure', async () => {
    const { blue, client } = world({ maxEnabledWebhooks: 1 });
    const wrong = await errorOf(me(client({ tokenSecret: 'pat_wrong' })));
    expect(wrong).toMatchObject({ code: 'UNAUTHENTICATED', status: 401, operation: 'CurrentUser' });
    expect(wrong.message).toContain('Create another one');
    const full = await errorOf(client().run('CreateWebhook', { input: { url: 'http://localhost/second' } }));
    expect(full).toMatchObject({ code: 'PLAN_LIMIT_REACHED', plan: { kind: 'over_limit', current: 1, limit: 1 } });
    expect((await errorOf(client().run('Webhook', { id: 'nope' }))).code).toBe('WEBHOOK_NOT_FOUND');
    blue.api.set({ faults: { serverError: 1 } });
    const page = client({ maxRetries: 0, fetch: () => new Response('<html>', { status: 404 }) });
    expect((await errorOf(me(page))).message).toContain('`endpoint`');
  });

  test('contain no token, whatever fetch throws or the server answers', async () => {
    const { client } = world();
    const leaking = [
      () =>
        Promise.reject(
          Object.assign(new Error(`refused {"blue-token-secret":"${tokenSecret}"}`), { secret: tokenSecret }),
        ),
      () => Promise.reject(new Error(`refused ${tokenSecret} again`)),
      () => Promise.reject(new Error('failed', { cause: new Error(`refused ${tokenSecret}`) })),
      () => new Response(JSON.stringify({ errors: [{ message: tokenSecret, extensions: { code: tokenSecret } }] })),
      () => new Response(JSON.stringify({ error: 'RATE_LIMITED', message: tokenSecret }), { status: 429 }),
      () => new Response(tokenSecret, { status: 502 }),
    ];
    for (const fetch of leaking) {
      const one = client({ maxRetries: 0, fetch });
      const error = await errorOf(me(one));
      for (const text of [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), String(error.stack)]) {
        expect(text).not.toContain('4e1a7c90');
      }
      for (const text of [
        inspect(one, { depth: 9, showHidden: true, customInspect: false }),
        inspect(one),
        JSON.stringify(one),
      ]) {
        expect(text).not.toContain('4e1a7c90');
      }
    }
  });

  test('reject invalid options without repeating a token', () => {
    const valid = { tokenId: 'a', tokenSecret: 'pat_b', organizationId: 'c' };
    const cases: [object, string][] = [
      [{ tokenSecret: undefined }, '`tokenSecret` must be a string, got undefined'],
      [{ tokenSecret: 'pat_4e1a7c90\n' }, '`tokenSecret` contains whitespace'],
      [{ tokenId: ' ' }, '`tokenId` must not be empty'],
      [{ endpoint: 'http://api.blue.app/graphql' }, '`endpoint` must be an https URL'],
      [{ requestsPerMinute: 0 }, '`requestsPerMinute` must be a positive integer'],
      [{ fetch: 'no' }, '`fetch` must be a function'],
    ];
    for (const [option, message] of cases) {
      const create = () => createBlueClient({ ...valid, ...option } as never);
      expect(create).toThrow(TypeError);
      expect(create).toThrow(message);
      expect(create).not.toThrow('4e1a7c90');
    }
  });
});

describe('generation', () => {
  test.each(['A', 'B', 'C'] as const)('%s is detected once for all clients of a token', async (generation) => {
    const { blue, client } = world({ generation });
    expect(await client().features()).toMatchObject({
      generation,
      detectedBy: 'introspection',
      threads: generation !== 'A',
    });
    expect(await client().features()).toMatchObject({ generation });
    expect(blue.api.requests).toHaveLength(1);
  });

  test.each([
    ['A', 'coded'],
    ['B', 'coded'],
    ['C', 'coded'],
    ['A', 'masked'],
    ['B', 'masked'],
    ['C', 'masked'],
  ] as const)(
    '%s is found by trial where introspection is refused and errors are %s',
    async (generation, validationErrors) => {
      const { client } = world({ generation, introspection: false, validationErrors });
      expect(await client().features()).toMatchObject({ generation, detectedBy: 'trial' });
    },
  );

  test('is not concluded from a wrong token', async () => {
    const { client } = world({ introspection: false });
    expect((await errorOf(client({ tokenSecret: 'pat_wrong' }).features())).code).toBe('UNAUTHENTICATED');
    expect((await client().features()).generation).toBe('C');
  });
});
