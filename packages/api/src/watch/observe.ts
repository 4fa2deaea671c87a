import type { BlueClient } from '../client';
import { within } from '../clock';
import { documents, fieldIn } from '../documents';
import { BlueApiError } from '../errors';
import type { ActivityCategory } from '../operations';
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
/** How far the clock of a receiver may be behind the clock of Blue. */
const SKEW_MS = 300_000;

/**
 * Looks at the webhook once: one request, a second one for the workspaces of its list unless `projectIds` names them, and one more for
 * each workspace if nothing has arrived for long. Never rejects.
 */
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
    const cause = BlueApiError.is(error) ? `The API cannot be read (${error.code})` : '`lastDeliveryAt` failed';
    return found('unknown', `${cause}, so the state of the webhook is unknown.`);
  }
}

async function look(client: BlueClient, expected: Expectation, signal?: AbortSignal): Promise<Observation> {
  const { webhook, strangers } = await readWithMembership(client, expected, signal);
  if (webhook.enabled && expected.projectIds === undefined) {
    strangers.push(...(await strangersAmong(client, webhook.projectIds ?? [], signal)));
  }
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
  const membership = membershipOf(Array.isArray(projectIds) ? projectIds : []);
  const { data } = await client.request(
    `query WatchedWebhook($id: String!${membership.declared}) { ${fieldIn(documents.Webhook, 'webhook')} ${membership.selection} }`,
    { id: webhookId, ...membership.variables },
    { signal },
  );
  return { webhook: data.webhook as WebhookRow, strangers: membership.strangersIn(data) };
}

async function strangersAmong(
  client: BlueClient,
  projectIds: readonly string[],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  if (projectIds.length === 0) return [];
  const { declared, selection, variables, strangersIn } = membershipOf(projectIds);
  const text = `query WatchedMembership(${declared.slice(2)}) { ${selection} }`;
  return strangersIn((await client.request(text, variables, { signal })).data);
}

/** A part of a query: whether the user is a member of each of these workspaces. */
function membershipOf(projectIds: readonly string[]) {
  const asked = projectIds.slice(0, MAX_WORKSPACES);
  const levels = asked.map((_, place) => `p${place}: projectLevel(projectId: $p${place})`).join(' ');
  return {
    declared: asked.map((_, place) => `, $p${place}: String!`).join(''),
    selection: asked.length > 0 ? `currentUser { id ${levels} }` : '',
    variables: Object.fromEntries(asked.map((id, place) => [`p${place}`, id])),
    strangersIn({ currentUser }: Readonly<Record<string, unknown>>): string[] {
      const user = (currentUser ?? {}) as Readonly<Record<string, unknown>>;
      return asked.filter((_, place) => user[`p${place}`] === null);
    },
  };
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

/** The entries of the feed that an event accompanies. There are more events than these. */
const categories: ReadonlyMap<string, ActivityCategory> = new Map([
  ['TODO_CREATED', 'CREATE_TODO'],
  ['TODO_DELETED', 'REMOVE_TODO'],
  ['TODO_LIST_CREATED', 'CREATE_TODO_LIST'],
  ['TODO_LIST_DELETED', 'REMOVE_TODO_LIST'],
  ['COMMENT_CREATED', 'CREATE_COMMENT'],
  ['CUSTOM_FIELD_CREATED', 'CREATE_CUSTOM_FIELD'],
]);

/** The entries of the feed that are delivered to a webhook with these events; no events means all of them. */
const categoriesOf = (events: readonly string[]): readonly ActivityCategory[] =>
  [...categories].flatMap(([event, category]) => (events.length === 0 || events.includes(event) ? [category] : []));

/** Whether a workspace has changed long ago, and after anything has arrived. */
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
  const between = {
    startDate: new Date(lastMs + SKEW_MS).toISOString(),
    endDate: new Date(now - silentAfterMs).toISOString(),
  };
  if (between.startDate > between.endDate) return false;
  const scope = scopeOf(webhook);
  const notified = scope ? categoriesOf(scope.events) : [];
  if (!scope || notified.length === 0) return false; // no entry of the feed shows a change that it would be notified of
  const asked = Array.isArray(projectIds) ? projectIds : scope.projectIds;
  const feeds = asked.length === 0 ? [null] : asked.slice(0, MAX_WORKSPACES);
  for (const projectId of feeds) {
    const variables = { projectId, categories: notified, ...between };
    const { activityList } = await client.run('LatestActivity', variables, { signal });
    if (activityList.activities.length > 0) return true;
  }
  return false;
}
