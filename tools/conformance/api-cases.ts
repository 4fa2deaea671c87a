import { BlueApiError, type CatchUpOptions, catchUp, createBlueClient, type Fetch } from '@blue-webhooks/api';
import { type Case, same } from './case';

const tokenSecret = 'pat_4e1a7c90d2b3';
const noPage = { pageInfo: { hasNextPage: false, totalItems: 0 } };
const names = (...list: readonly string[]) => list.map((name) => ({ name }));
const tag = { id: 't1', uid: 'u', title: 'Urgent', color: '#f00', project: { id: 'p1' } };
const time = '2026-01-13T12:00:00.000Z';

/** What a Blue with one tag answers, by operation. */
const answers: Readonly<Record<string, object>> = {
  CurrentUser: { currentUser: { id: 'u1' } },
  Introspection: {
    query: { fields: names('recordQueries', 'recordLists', 'workspaceList') },
    filter: { inputFields: names('updatedAt_gte', 'archived') },
    sort: { enumValues: names('updatedAt_ASC') },
    comment: { fields: names('replies') },
  },
  WorkspacesC: { workspaces: { items: [{ id: 'p1' }], ...noPage } },
  Activity: { activityList: { activities: [], ...noPage } },
  ListsC: { lists: [] },
  Tags: { tagList: { items: [{ ...tag, createdAt: time, updatedAt: time }], ...noPage } },
  CustomFields: { customFields: { items: [], ...noPage } },
  RecordsC: { records: { todos: { items: [], ...noPage } } },
};

const answer: Fetch = async (request) => {
  const { query } = (await request.json()) as { readonly query: string };
  const name = /\w+ (\w+)/.exec(query)?.[1] ?? '';
  if (request.headers.get('blue-token-secret') !== tokenSecret) throw new Error('The token is missing.');
  return Response.json({ data: answers[name] });
};

const clientWith = (fetch: Fetch, tokenId: string) =>
  createBlueClient({ tokenId, tokenSecret, organizationId: 'o1', maxRetries: 0, fetch });

/** A client for Blue's API needs nothing but `fetch`, timers and Web Crypto. */
export const apiCases: readonly Case[] = [
  {
    title: 'a client reads, and its errors contain no token',
    async run() {
      same((await clientWith(answer, 'reads').run('CurrentUser', {})).currentUser.id, 'u1');
      const failing = clientWith(() => Promise.reject(new Error(`refused ${tokenSecret}`)), 'fails');
      const error: unknown = await failing.run('CurrentUser', {}).catch((thrown: unknown) => thrown);
      same([BlueApiError.is(error, 'NETWORK'), String((error as Error).stack).includes('4e1a7c90')], [true, false]);
    },
  },
  {
    title: 'catchUp passes on what was created, under the same id each time',
    async run() {
      const ids: string[] = [];
      const options: CatchUpOptions = {
        client: clientWith(answer, 'catches-up'),
        since: new Date(time),
        projects: 'all',
        to: ({ id, signature }) => void ids.push(`${signature} ${id}`),
      };
      const { repaired, incomplete, generation } = await catchUp(options);
      same([repaired, incomplete, generation], [1, [], 'C']);
      await catchUp(options);
      same([ids.length, new Set(ids).size, /^backfill [0-9a-f]{32}$/.test(ids[0] ?? '')], [2, 1, true]);
    },
  },
];
