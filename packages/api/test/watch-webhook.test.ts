import { createServer } from 'node:http';
import { inspect } from 'node:util';
import {
  incomingWebhook,
  type WatchNotice,
  type WatchOptions,
  watchDisableRisk,
  watchWebhook,
} from '@blue-webhooks/api';
import { createReceiver } from '@blue-webhooks/core';
import { type ScenarioStep, scenario } from '@blue-webhooks/testing';
import { describe, expect, test } from 'vitest';
import { secret, tokenSecret, url, world } from './world';

const day = 86_400_000;
const minute = 60_000;

/** A watched webhook, whose endpoint can fail. */
function watched(api: Parameters<typeof world>[0] = {}, options: Partial<WatchOptions> = {}) {
  const endpoint = { up: true };
  const receiver = createReceiver({ secret }).on('TODO_MOVED', () => {});
  const fetch = (request: Request) => (endpoint.up ? receiver.fetch(request) : new Response(null, { status: 503 }));
  const { blue, clock, client } = world(api, fetch);
  const notices: WatchNotice[] = [];
  const errors: unknown[] = [];
  const watch = watchWebhook(client(), {
    webhookId: blue.webhook.id,
    selfTest: () => receiver.selfTest(async (request) => fetch(request)),
    onChange: (notice) => void notices.push(notice),
    onError: (error) => void errors.push(error),
    everyMs: minute,
    ...options,
  });
  const mutations = () => blue.api.requests.filter(({ kind }) => kind === 'mutation');
  const kinds = () => notices.map(({ kind, state }) => `${kind} ${state}`);
  const update = (input: object) => client().run('UpdateWebhook', { input: { webhookId: blue.webhook.id, ...input } });
  return { endpoint, blue, clock, notices, errors, watch, mutations, kinds, update };
}

describe('watchWebhook', () => {
  test('sends no mutation in seven days of a healthy webhook', async () => {
    const { blue, clock, watch, mutations, kinds } = watched({}, { everyMs: 10 * minute });
    await clock.sleep(7 * day);
    await watch.stop();
    expect(blue.api.requests.length).toBeGreaterThan(1_000);
    expect(mutations()).toEqual([]);
    expect(kinds()).toEqual([]);
    expect(blue.report.attempts).toEqual([]);
  });

  test('an `onError` that throws or rejects changes nothing', async () => {
    for (const onError of [
      () => Promise.reject(new Error('no')),
      () => Promise.reject(Promise.reject(new Error('no'))),
    ]) {
      const { endpoint, blue, clock, watch, kinds } = watched(
        {},
        { onError, onChange: () => Promise.reject(new Error('no')) },
      );
      endpoint.up = false;
      await blue.emit('TODO_MOVED');
      await clock.sleep(10 * minute);
      expect(watch.state).toBe('off');
      await watch.stop();
      expect(kinds()).toEqual([]);
    }
  });

  test('reports "down" once, tries no enabling while the endpoint fails, then recovers and catches up', async () => {
    const gaps: Date[] = [];
    const { endpoint, blue, clock, watch, mutations, kinds, notices } = watched(
      {},
      { catchUp: async ({ since }) => void gaps.push(since) },
    );
    await clock.sleep(10 * minute);
    endpoint.up = false;
    const offAt = clock.now();
    expect((await blue.emit('TODO_MOVED')).outcome).toBe('failed');
    await clock.sleep(day);
    expect(kinds()).toEqual(['down off']);
    expect(mutations()).toEqual([]);
    expect(blue.report.attempts).toHaveLength(5);
    endpoint.up = true;
    await clock.sleep(30 * minute);
    await watch.stop();
    expect(mutations().map(({ fields }) => fields)).toEqual([['updateWebhook']]);
    expect(blue.webhook).toMatchObject({ enabled: true, status: 'HEALTHY' });
    expect(kinds()).toEqual(['down off', 'recovered healthy']);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.getTime()).toBeLessThan(offAt);
    expect(notices[1]).toMatchObject({ since: gaps[0], page: 'docs/operations/disabled.md' });
  });

  test('waits until the inbox is drained before it enables', async () => {
    const stats = { held: 0, waiting: 7, active: 0 };
    const { blue, clock, watch, mutations } = watched({}, { inbox: { stats: async () => stats } });
    blue.disable();
    await clock.sleep(5 * minute);
    expect(mutations()).toEqual([]);
    stats.waiting = 0;
    await clock.sleep(10 * minute);
    await watch.stop();
    expect(blue.webhook.enabled).toBe(true);
  });

  test('stops after maxTries if the health check fails although the self-test passes', async () => {
    const { endpoint, blue, clock, watch, mutations, kinds } = watched({}, { maxTries: 3, selfTest: async () => {} });
    endpoint.up = false;
    blue.disable();
    await clock.sleep(day);
    await watch.stop();
    expect(mutations()).toHaveLength(3);
    expect(kinds()).toEqual(['down off', 'gave-up off']);
  });

  test('recovers where the answer to the enabling is lost', async () => {
    const { blue, clock, watch, mutations, kinds } = watched({ faults: { lostAnswer: 1 } });
    blue.disable();
    await clock.sleep(5 * minute);
    await watch.stop();
    expect(mutations()).toHaveLength(1);
    expect(kinds()).toEqual(['down off', 'recovered healthy']);
  });

  test('does not enable a webhook that was enabled meanwhile, and catches up nevertheless', async () => {
    let caughtUp = 0;
    const { blue, clock, watch, mutations, kinds } = watched(
      {},
      {
        selfTest: async () => void (await blueOf().enable()),
        catchUp: async () => {
          caughtUp += 1;
        },
      },
    );
    const blueOf = () => blue;
    blue.disable();
    await clock.sleep(5 * minute);
    await watch.stop();
    expect(mutations()).toEqual([]);
    expect(caughtUp).toBe(1);
    expect(kinds()).toEqual(['down off', 'recovered healthy']);
  });

  test('tries catchUp again until it resolves', async () => {
    let calls = 0;
    const catchUp = () => {
      calls += 1;
      return calls < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve({ repaired: 4 });
    };
    const { blue, clock, watch, errors } = watched({}, { catchUp });
    blue.disable();
    await clock.sleep(20 * minute);
    await watch.stop();
    expect(calls).toBe(3);
    expect(errors.map(String)).toEqual(['Error: not yet', 'Error: not yet']);
  });

  test('leaves a webhook off with recover: false, or without a self-test', async () => {
    for (const options of [{ recover: false }, { selfTest: undefined }]) {
      const { blue, clock, watch, mutations } = watched({}, options as Partial<WatchOptions>);
      blue.disable();
      await clock.sleep(day);
      await watch.stop();
      expect(mutations()).toEqual([]);
    }
  });

  test('distinguishes the states', async () => {
    const [step] = scenario({ records: 1 });
    const projectId = (step?.payload.currentValue as unknown as { projectId: string } | undefined)?.projectId ?? '';
    const options = { projectIds: [projectId] };
    const { blue, clock, watch, kinds, mutations, update } = watched({}, { ...options, url });
    const read = async () => (await watch.check()).state;
    await blue.emit(step?.payload as { event: string });
    expect(await read()).toBe('changed'); // it is subscribed to all workspaces
    await update({ projectIds: [projectId] });
    expect(await read()).toBe('healthy');
    blue.api.removeMember(projectId);
    expect(await read()).toBe('not-member');
    blue.api.addMember(projectId);
    await update({ url: 'http://localhost/elsewhere' });
    expect(await read()).toBe('changed');
    await clock.sleep(minute);
    await watch.stop();
    expect(kinds()).toEqual(['warning changed', 'recovered healthy', 'warning not-member', 'warning changed']);
    expect(mutations()).toHaveLength(2); // the test's own
  });

  test('reports a webhook that is gone, one of another user, and an API that cannot be read as unknown', async () => {
    const { blue, clock, watch } = watched();
    blue.api.set({ faults: { serverError: 1 } });
    for (let times = 0; times < 3; times++) expect((await watch.check()).state).toBe('unknown');
    expect(watch.state).toBe('unknown');
    blue.api.set({ faults: {} });
    expect((await watch.check()).state).toBe('healthy');
    await watch.stop();
    const other = world({ tokens: [{ id: 'token-1', secret: tokenSecret, userId: 'claother' }] });
    const foreign = watchWebhook(other.client(), { webhookId: other.blue.webhook.id, onChange: () => {} });
    expect((await foreign.check()).state).toBe('foreign');
    await foreign.stop();
    const gone = watchWebhook(other.client(), { webhookId: 'deleted', onChange: () => {} });
    expect((await gone.check()).state).toBe('gone');
    await gone.stop();
    void clock;
  });

  test('notices that the creator has left a workspace of the list that Blue shows', async () => {
    const [step] = scenario({ records: 1 });
    const projectId = (step?.payload.currentValue as unknown as { projectId: string } | undefined)?.projectId ?? '';
    const { blue, watch, update } = watched();
    await blue.emit(step?.payload as { event: string });
    await update({ projectIds: [projectId] });
    expect((await watch.check()).state).toBe('healthy');
    blue.api.removeMember(projectId);
    expect(await watch.check()).toMatchObject({ state: 'not-member', message: expect.stringContaining(projectId) });
    await watch.stop();
  });

  test.each([
    ['all events', [], 'silent'],
    ['the event that happened', ['TODO_LIST_CREATED'], 'silent'],
    ['another event', ['TODO_DELETED'], 'healthy'],
    ['an event that the feed does not show', ['TODO_MOVED'], 'healthy'],
  ])('reports silence of a webhook of all workspaces with %s: %s %s', async (_, events, state) => {
    const [step] = scenario({ records: 1 });
    const { blue, clock, watch, update } = watched({}, { lastDeliveryAt: () => undefined, silentAfterMs: 30 * minute });
    await update({ events });
    await clock.sleep(10 * minute);
    await blue.emit(step?.payload as { event: string });
    await clock.sleep(20 * minute);
    expect(watch.state).toBe('healthy');
    await clock.sleep(20 * minute);
    expect((await watch.check()).state).toBe(state);
    await watch.stop();
  });

  test('reports silence of a workspace that changes all the time, and no silence while deliveries arrive', async () => {
    const [step] = [...scenario({ records: 1 })] as [ScenarioStep];
    const { currentValue } = step.payload as unknown as { currentValue: { id: string } };
    let last: Date | undefined;
    const { blue, clock, watch } = watched({}, { lastDeliveryAt: () => last, silentAfterMs: 30 * minute });
    const change = async (count: number) => {
      await blue.emit({ event: 'TODO_LIST_CREATED', currentValue: { ...currentValue, id: `list-${count}` } } as {
        event: string;
      });
      await clock.sleep(5 * minute);
    };
    for (let count = 0; count < 20; count++) {
      last = new Date(clock.now());
      await change(count);
    }
    expect(watch.state).toBe('healthy');
    for (let count = 20; count < 30; count++) await change(count);
    expect(watch.state).toBe('silent');
    last = new Date(clock.now());
    await clock.sleep(2 * minute);
    await watch.stop();
    expect(watch.state).toBe('healthy');
  });

  test('reports a failing lastDeliveryAt as unknown, and names it', async () => {
    const lastDeliveryAt = () => Promise.reject(new Error('disk'));
    const { clock, watch } = watched({}, { lastDeliveryAt, silentAfterMs: 30 * minute });
    await clock.sleep(minute);
    expect(await watch.check()).toMatchObject({
      state: 'unknown',
      message: expect.stringContaining('`lastDeliveryAt`'),
    });
    await watch.stop();
  });

  test('reports silence while a workspace changes', async () => {
    const [list] = scenario({ records: 1 });
    const projectId = (list?.payload.currentValue as unknown as { projectId: string } | undefined)?.projectId ?? '';
    const options = { lastDeliveryAt: () => undefined, silentAfterMs: 30 * minute };
    const { blue, clock, watch, kinds, update } = watched({}, options);
    await update({ projectIds: [projectId] });
    await clock.sleep(2 * 3_600_000);
    expect(kinds()).toEqual(['warning not-member']); // Blue has no such workspace yet
    await blue.emit(list?.payload as { event: string });
    await clock.sleep(20 * minute);
    expect(kinds()).toEqual(['warning not-member', 'recovered healthy']);
    await clock.sleep(20 * minute);
    await watch.stop();
    expect(kinds()).toEqual(['warning not-member', 'recovered healthy', 'warning silent']);
  });

  test('survives sinks that throw or hang, and puts no token into a notice', async () => {
    const notices: unknown[] = [];
    const onChange = [
      () => Promise.reject(new Error('sink')),
      () => new Promise(() => {}),
      (notice: WatchNotice) => void notices.push(notice),
    ];
    const { blue, clock, watch, errors } = watched({}, { onChange });
    blue.disable();
    await clock.sleep(10 * minute);
    await watch.stop();
    expect(notices).toHaveLength(2);
    expect(errors).toHaveLength(2);
    expect(inspect([notices, errors, watch], { depth: 9, showHidden: true })).not.toContain(tokenSecret.slice(4));
  });
});

describe('incomingWebhook', () => {
  const notice = {
    kind: 'down',
    state: 'off',
    previous: 'healthy',
    message: 'It is off.',
    webhookId: 'w1',
    page: 'page',
    webhook: { name: '<!channel> @everyone' },
    at: new Date(),
    since: undefined,
  } as unknown as WatchNotice;

  test.each(['slack', 'discord', 'teams'] as const)('posts what %s takes', async (format) => {
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => bodies.push(chunk));
      request.on('end', () => response.writeHead(bodies.length === 1 ? 200 : 404).end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const sink = incomingWebhook(`http://127.0.0.1:${port}/services/s3cret`, { format });
    await sink(notice);
    const [body] = bodies;
    expect(body).toContain('Down: Blue webhook');
    if (format === 'slack') expect(body).not.toContain('<!channel>');
    if (format === 'discord') expect(JSON.parse(body ?? '')).toMatchObject({ allowed_mentions: { parse: [] } });
    const error = await Promise.resolve(sink(notice)).catch((error: unknown) => error);
    expect(String(error)).toBe('Error: The chat responded 404.');
    server.close();
    const unreachable = await Promise.resolve(sink(notice)).catch((error: unknown) => error);
    expect(inspect(unreachable, { showHidden: true })).not.toContain('s3cret');
  });

  test('refuses a URL with credentials, and does not quote it', () => {
    for (const credentials of ['user:s3cret', 's3cret']) {
      const create = () => incomingWebhook(`https://${credentials}@hooks.example/services/1`);
      expect(create).toThrow('The URL of the chat must not contain a user name or password.');
    }
  });
});

describe('watchDisableRisk', () => {
  test('reports the third failure of one delivery, and several concurrent failures, each once', async () => {
    const risks: unknown[] = [];
    const onFailure = watchDisableRisk({ onRisk: (risk) => risks.push(risk), deliveries: 3 });
    const receiver = createReceiver({ secret, onFailure }).on('TODO_MOVED', () => Promise.reject(new Error('bug')));
    const { blue } = world({}, receiver.fetch);
    await blue.emit('TODO_MOVED');
    expect(risks).toMatchObject([{ kind: 'attempts', attempts: 3 }]);
    await blue.enable();
    await Promise.all([blue.emit('TODO_MOVED'), blue.emit('TODO_MOVED'), blue.emit('TODO_MOVED')]);
    expect(risks.filter((risk) => (risk as { kind: string }).kind === 'several')).toHaveLength(1);
  });
});
