import { createReceiver, verifyRequest } from '@blue-webhooks/core';
import { scenario } from '@blue-webhooks/testing';
import { describe, expect, test } from 'vitest';
import { blueWithApi, codeOf, secret } from './asking';

const create = `mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { id secret enabled status events } }`;
const update = `mutation ($input: UpdateWebhookInput!) { updateWebhook(input: $input) { id secret enabled status url events projectIds } }`;
const url = 'http://localhost/webhooks/second';

describe('webhooks of the simulated API', () => {
  test('creates an enabled webhook without a health check, and returns its secret once', async () => {
    const { blue, ask } = blueWithApi();
    const { data } = await ask(create, { input: { url, events: ['TODO_MOVED'] } });
    expect(data.createWebhook).toMatchObject({ enabled: true, status: 'HEALTHY', events: ['TODO_MOVED'] });
    expect(data.createWebhook.secret).toMatch(/^whsec_\w{32}$/);
    expect(blue.report.attempts).toEqual([]);
    const again = await ask('query ($id: String!) { webhook(id: $id) { secret } }', { id: data.createWebhook.id });
    expect(again.data.webhook.secret).toBeNull();
  });

  test('delivers events to every webhook, each signed with its own secret', async () => {
    const secrets: { id: string; secret: string }[] = [{ id: 'first', secret }];
    const seen: unknown[] = [];
    const receiver = createReceiver({ secret: () => secrets }).on(
      'TODO_MOVED',
      (_, { secretId }) => void seen.push(secretId),
    );
    const { blue, ask } = blueWithApi({}, receiver);
    const { data } = await ask(create, { input: { url } });
    secrets.push({ id: 'second', secret: data.createWebhook.secret });
    await blue.emit('TODO_MOVED');
    await blue.settled();
    expect(seen.sort()).toEqual(['first', 'second']);
  });

  test.each([
    [204, true, 'HEALTHY'],
    [500, false, 'UNHEALTHY'],
  ])(
    'POSTs a signed health check on enabled: true, and a %s leaves enabled %s without an error',
    async (answer, enabled, status) => {
      const receiver = createReceiver({ secret });
      const checks: string[] = [];
      const fetch = async (request: Request) => {
        checks.push((await verifyRequest(request, { secret })).event.event);
        return new Response(null, { status: answer });
      };
      const { blue, ask } = blueWithApi({}, { ...receiver, fetch });
      const { data, errors } = await ask(update, { input: { webhookId: blue.webhook.id, enabled: true } });
      expect(errors).toBeUndefined();
      expect(checks).toEqual(['WEBHOOK_HEALTH_CHECK']);
      expect(data.updateWebhook).toMatchObject({ enabled, status });
    },
  );

  test('replaces whole lists, and disables without a health check', async () => {
    const { blue, ask } = blueWithApi();
    const { data } = await ask(update, {
      input: { webhookId: blue.webhook.id, events: ['TAG_CREATED'], enabled: false, url },
    });
    expect(data.updateWebhook).toMatchObject({ enabled: false, events: ['TAG_CREATED'], url });
    expect(blue.report.attempts).toEqual([]);
    expect((await blue.emit('TAG_CREATED')).outcome).toBe('missed');
    expect((await blue.emit('TODO_MOVED')).outcome).toBe('unsubscribed');
  });

  test('forbids a webhook of another user, does not find an unknown one, and lets anyone disable', async () => {
    const tokens = [
      { id: 'test-token', secret: 'pat_test-token' },
      { id: 'other', secret: 'pat_other', userId: 'claother' },
    ];
    const { blue, ask, post } = blueWithApi({ tokens });
    const other = { 'blue-token-id': 'other', 'blue-token-secret': 'pat_other' };
    const read = 'query ($id: String!) { webhook(id: $id) { id } }';
    const forbidden = await (await post(read, { id: blue.webhook.id }, other)).json();
    expect(codeOf(forbidden as never)).toBe('FORBIDDEN');
    expect(codeOf(await ask(read, { id: 'nope' }))).toBe('WEBHOOK_NOT_FOUND');
    await post(
      'mutation ($input: DisableWebhookInput!) { disableWebhook(input: $input) { success } }',
      { input: { webhookId: blue.webhook.id } },
      other,
    );
    expect(blue.webhook).toMatchObject({ enabled: false, status: 'UNHEALTHY' });
  });

  test('refuses a webhook over the plan limit, which counts enabled ones', async () => {
    const { blue, ask } = blueWithApi({ maxEnabledWebhooks: 1 });
    const refused = await ask(create, { input: { url } });
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'PLAN_LIMIT_REACHED',
      kind: 'over_limit',
      current: 1,
      limit: 1,
    });
    blue.disable();
    expect((await ask(create, { input: { url } })).data.createWebhook.enabled).toBe(true);
  });

  test('refuses private addresses as INTERNAL_SERVER_ERROR, and malformed ones as BAD_USER_INPUT', async () => {
    const { ask } = blueWithApi({ refusePrivateUrls: true });
    expect(codeOf(await ask(create, { input: { url } }))).toBe('INTERNAL_SERVER_ERROR');
    expect(codeOf(await ask(create, { input: { url: 'nonsense' } }))).toBe('BAD_USER_INPUT');
  });

  test('returns all webhooks for enabled: false, newest first', async () => {
    const { blue, clock, ask } = blueWithApi();
    await clock.sleep(1_000);
    const { data } = await ask(create, { input: { url } });
    const listed = await ask(
      '{ off: webhooks(filter: { enabled: false }) { items { id } } on: webhooks(filter: { enabled: true }) { items { id } } }',
    );
    const both = [{ id: data.createWebhook.id }, { id: blue.webhook.id }];
    expect(listed.data).toEqual({ off: { items: both }, on: { items: both } });
  });

  test('delivers nothing of a workspace that the creator has left, and stays enabled', async () => {
    const { blue, ask } = blueWithApi();
    const [step] = scenario({ records: 1 });
    const projectId = (step?.payload.currentValue as unknown as { projectId: string } | undefined)?.projectId ?? '';
    expect((await blue.emit(step?.payload as { event: string })).outcome).toBe('delivered');
    const level = () => ask('query ($id: String!) { currentUser { projectLevel(projectId: $id) } }', { id: projectId });
    expect((await level()).data.currentUser.projectLevel).toBe('MEMBER');
    blue.api.removeMember(projectId);
    expect((await blue.emit(step?.payload as { event: string })).outcome).toBe('unsubscribed');
    expect(blue.webhook.enabled).toBe(true);
    expect((await level()).data.currentUser.projectLevel).toBeNull();
    expect(codeOf(await ask(create, { input: { url, projectIds: [projectId] } }))).toBe('FORBIDDEN');
  });
});
