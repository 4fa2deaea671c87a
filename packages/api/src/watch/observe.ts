import type { BlueClient } from '../client';
import { within } from '../clock';
import { documents } from '../documents';
import { BlueApiError } from '../errors';
import type { LatestActivityQuery } from '../operations';
import { sameUrl } from '../webhooks/wanted';
import { sameScope, scopeOf, type WebhookRow } from '../webhooks/webhook-row';
import type { Observation } from './state';

/** What a webhook is compared with. */
export interface Expectation {
  readonly webhookId: string;
  /** The URL that it should have. */
  readonly url?: string | URL | undefined;
  /** The events that it should subscribe to. */
  readonly events?: readonly string[] | 'all' | undefined;
  /** The workspaces that it should subscribe to, and that its creator must be a member of. */
  readonly projectIds?: readonly string[] | 'all' | undefined;
  /** When the last delivery arrived, for noticing silence. */
  readonly lastDeliveryAt?: (() => Date | undefined | Promise<Date | undefined>) | undefined;
  /** How long nothing may arrive while a workspace changes, in milliseconds. */
  readonly silentAfterMs: number;
  /** Changes before this time prove nothing. */
  readonly watchedSinceMs: number;
}

const MAX_WORKSPACES = 50;

/** Looks at the webhook once: one request, and one more for each workspace if nothing has arrived for long. Never rejects. */
export async function observeWebhook(
  client: BlueClient,
  expected: Expectation,
  signal?: AbortSignal,
): Promise<Observation> {
  try {
    return await look(client, expected, signal);
  } catch (error) {
    const found = (state: Observation['state'], message: string) => ({ state, message, webhook: undefined });
    if (BlueApiError.is(error, 'WEBHOOK_NOT_FOUND')) {
      return found('gone', 'The webhook was deleted, or the user who created it was. Create it again, then catch up.');
    }
    if (BlueApiError.is(error, 'FORBIDDEN')) {
      return found(
        'foreign',
        'The webhook belongs to another user than the token. Use a token of the user who created it.',
      );
    }
    const code = BlueApiError.is(error) ? error.code : 'unexpected error';
    return found('unknown', `The API cannot be read (${code}), so the state of the webhook is unknown.`);
  }
}

async function look(client: BlueClient, expected: Expectation, signal?: AbortSignal): Promise<Observation> {
  const { webhook, strangers } = await readWithMembership(client, expected, signal);
  const found = (state: Observation['state'], message: string): Observation => ({ state, message, webhook });
  if (webhook.enabled === null) return found('unknown', 'Blue does not say whether the webhook is enabled.');
  if (!webhook.enabled) {
    return found('off', 'The webhook is disabled. Blue delivers nothing and keeps nothing until it is enabled again.');
  }
  if (strangers.length > 0) {
    return found(
      'not-member',
      `The creator of the webhook is not a member of ${strangers.join(', ')}: Blue delivers nothing of it.`,
    );
  }
  const difference = differenceOf(webhook, expected);
  if (difference) return found('changed', `The webhook's ${difference} is not the expected one.`);
  if (await isSilent(client, expected, webhook, signal)) {
    return found('silent', 'A workspace has changed, but no delivery has arrived.');
  }
  return found('healthy', 'The webhook is enabled.');
}

/** The webhook, and the workspaces that its creator is not a member of, in one request. */
async function readWithMembership(client: BlueClient, { webhookId, projectIds }: Expectation, signal?: AbortSignal) {
  const asked = Array.isArray(projectIds) ? projectIds.slice(0, MAX_WORKSPACES) : [];
  const selection = /\{ (webhook\(.*\} )\}$/.exec(documents.Webhook)?.[1] ?? '';
  const variables = asked.map((_, place) => `, $p${place}: String!`).join('');
  const levels = asked.map((_, place) => `p${place}: projectLevel(projectId: $p${place})`).join(' ');
  const membership = asked.length > 0 ? `currentUser { id ${levels} }` : '';
  const { data } = await client.request(
    `query WatchedWebhook($id: String!${variables}) { ${selection} ${membership} }`,
    { id: webhookId, ...Object.fromEntries(asked.map((id, place) => [`p${place}`, id])) },
    { signal },
  );
  const user = (data.currentUser ?? {}) as Readonly<Record<string, unknown>>;
  return { webhook: data.webhook as WebhookRow, strangers: asked.filter((_, place) => user[`p${place}`] === null) };
}

function differenceOf(webhook: WebhookRow, { url, events, projectIds }: Expectation): string | undefined {
  if (url !== undefined && !sameUrl(webhook.url, String(url))) return 'URL';
  const scope = scopeOf(webhook);
  if (!scope) return undefined;
  const list = (wanted: readonly string[] | 'all' | undefined, present: readonly string[]) =>
    wanted === 'all' ? [] : (wanted ?? present);
  const wanted = { events: list(events, scope.events), projectIds: list(projectIds, scope.projectIds) };
  return sameScope(scope, wanted) ? undefined : 'list of events or workspaces';
}

/** Whether a workspace has changed long ago, and later than anything has arrived. */
async function isSilent(
  client: BlueClient,
  expected: Expectation,
  webhook: WebhookRow,
  signal?: AbortSignal,
): Promise<boolean> {
  const { lastDeliveryAt, silentAfterMs, watchedSinceMs, projectIds } = expected;
  if (!lastDeliveryAt) return false;
  const last = await within(client.clock, 10_000, Promise.resolve(lastDeliveryAt()), '`lastDeliveryAt`');
  const lastMs = Math.max(last?.getTime() ?? 0, watchedSinceMs);
  const now = client.clock.now();
  if (now - lastMs < silentAfterMs) return false;
  const asked = Array.isArray(projectIds) ? projectIds : (webhook.projectIds ?? []);
  for (const projectId of asked.slice(0, MAX_WORKSPACES)) {
    const { data } = await client.request(documents.LatestActivity, { projectId }, { signal });
    const [latest] = (data as unknown as LatestActivityQuery).activityList.activities;
    const changedMs = latest ? Date.parse(latest.createdAt) : 0;
    if (changedMs > lastMs && now - changedMs >= silentAfterMs) return true;
  }
  return false;
}
