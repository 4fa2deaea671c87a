import { type Random, seededRandom } from '../random';
import type { Clock } from '../simulator/clock';
import { ActivityLog } from './activity-log';
import type { ApiWorld } from './context';
import { type ApiServer, listen } from './listen';
import { createMutations, type WebhookMaker } from './mutations';
import { type ApiOptions, type ApiSwitches, type ApiToken, type Optional, switchesOf, type UserToken } from './options';
import { queries } from './queries';
import { Registry, type WebhookLine } from './registry';
import type { Row } from './row';
import { type ApiRequest, createServer } from './server';
import { BlueState, kindOf, type RowKind } from './state';

/** The simulated Blue's GraphQL API, over the state that results from the emitted events. */
export interface SimulatedApi {
  /** Answers a request, as `https://api.blue.app/graphql` does. Rejects if the connection would break. Needs no `this`. */
  fetch(request: Request): Promise<Response>;
  /** Serves `fetch` over HTTP on this machine. `port` defaults to a free one. */
  listen(options?: { readonly port?: number | undefined }): Promise<ApiServer>;
  /** Changes how the API behaves from now on. @throws TypeError if a name or a value is invalid */
  set(switches: Optional<ApiSwitches>): void;
  /** Every request so far, oldest first. */
  readonly requests: readonly ApiRequest[];
  /** Every webhook, oldest first, without its secret. */
  readonly webhooks: readonly WebhookLine['webhook'][];
  /** The current rows, regardless of permissions: the expected state of a mirror of the workspace. */
  rows(kind: RowKind): readonly Row[];
  /** Changes columns of a row without an event: archives, describes, moves to a list of another workspace, sets `updatedAt`. */
  patch(kind: RowKind, id: string, columns: Readonly<Record<string, unknown>>): void;
  /** Deletes a row without an event. Records, lists and custom fields go to the Trash. */
  remove(kind: RowKind, id: string): void;
  /** Restores a row from the Trash, under the same id and without an event. */
  restore(id: string): void;
  /** Hides a record or a list, and its children, from the API's users. */
  hide(id: string): void;
  /** Undoes `hide`. */
  show(id: string): void;
  /** Removes a user from a workspace: deliveries of it stop and reading is forbidden, while `enabled` stays `true`. */
  removeMember(projectId: string, userId?: string): void;
  /** Makes a user a member of a workspace again. */
  addMember(projectId: string, userId?: string): void;
  /** Called after each request, for tests that change something between two of them. */
  onRequest: ((request: ApiRequest) => void) | undefined;
}

/** The API as the simulator uses it. */
export interface ApiHost {
  readonly api: SimulatedApi;
  /** Applies an emitted event. */
  follow(payload: { readonly event: string }): void;
  /** Whether a user is a member of an event's workspace. */
  admits(payload: { readonly event: string }, userId: string): boolean;
}

export interface ApiSettings extends Omit<WebhookMaker, 'newId' | 'newSecret'> {
  readonly main: WebhookLine;
  readonly clock: Clock;
  readonly options: ApiOptions;
}

/**
 * Creates the API of a simulated Blue with one webhook.
 * @throws TypeError if an option is invalid
 */
export function createApi({ main, clock, options, createLine }: ApiSettings): ApiHost {
  const state = new BlueState();
  const log = new ActivityLog();
  const webhooks = new Registry<WebhookLine>();
  const requests: ApiRequest[] = [];
  const outside = new Set<string>();
  const random = seededRandom(options.seed ?? 1);
  const creator = main.webhook.createdById;
  let switches = switchesOf(options);
  webhooks.add(main);

  const world: ApiWorld = {
    state,
    log,
    webhooks,
    hidden: new Set(),
    isMember: (projectId, userId) => !outside.has(`${projectId} ${userId}`),
  };
  const now = () => new Date(clock.now()).toISOString();
  const mutations = createMutations({
    newId: () => newId(clock, random),
    newSecret: () => digits(random, 'whsec_', 32),
    createLine,
  });
  const fetch = createServer({
    world,
    clock,
    random,
    roots: { ...queries, ...mutations },
    switches: () => switches,
    tokens: tokensOf(options.tokens, creator),
    onRequest(request) {
      requests.push(request);
      api.onRequest?.(request);
    },
  });

  const api: SimulatedApi = {
    fetch,
    listen: ({ port = 0 } = {}) => listen(fetch, port),
    set(changes) {
      switches = switchesOf(changes, switches);
    },
    requests,
    get webhooks() {
      return webhooks.lines.map(({ webhook }) => webhook);
    },
    rows: (kind) => [...state.rows[kind].values()].map((row) => structuredClone(row)),
    patch(kind, id, columns) {
      state.patch(kind, id, columns);
    },
    remove(kind, id) {
      state.remove(kind, id, now(), switches);
    },
    restore: (id) => state.restore(id),
    hide: (id) => void world.hidden.add(id),
    show: (id) => void world.hidden.delete(id),
    removeMember: (projectId, userId = creator) => void outside.add(`${projectId} ${userId}`),
    addMember: (projectId, userId = creator) => void outside.delete(`${projectId} ${userId}`),
    onRequest: undefined,
  };

  return {
    api,
    follow(payload) {
      const { event } = payload;
      const row = payload as unknown as Row;
      state.apply(event, row, now(), switches);
      log.note(event, row, now(), projectOf(payload));
    },
    admits(payload, userId) {
      const projectId = projectOf(payload);
      return projectId === undefined || world.isMember(projectId, userId);
    },
  };

  function projectOf(payload: { readonly event: string }): string | undefined {
    const kind = kindOf(payload.event);
    const { currentValue, previousValue, record } = payload as unknown as Record<string, Row | null | undefined>;
    const row = currentValue ?? record ?? previousValue;
    return kind && row ? state.projectIdOf(kind, row) : undefined;
  }
}

/** @throws TypeError if a token lacks its id or its secret */
function tokensOf(tokens: readonly ApiToken[] | undefined, creator: string): readonly UserToken[] {
  const given = tokens ?? [{ id: 'test-token', secret: 'pat_test-token' }];
  return given.map(({ id, secret, userId = creator }) => {
    if (typeof id !== 'string' || typeof secret !== 'string' || id === '' || secret === '') {
      throw new TypeError('Each of `api.tokens` needs an `id` and a `secret`.');
    }
    return { id, secret, userId };
  });
}

const digits = (random: Random, prefix: string, count: number): string =>
  prefix + Array.from({ length: count }, () => Math.floor(random() * 36).toString(36)).join('');

const newId = (clock: Clock, random: Random): string => digits(random, `c${clock.now().toString(36)}`, 16);
