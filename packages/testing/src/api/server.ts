import type { Random } from '../random';
import type { Clock } from '../simulator/clock';
import { ApiContext, type ApiWorld } from './context';
import { type GraphQLRequest, type Prepared, prepare, rootFieldsOf, run } from './engine';
import { Limiter } from './limiter';
import type { ApiSwitches, UserToken } from './options';

/** A request to the simulated API, including those whose response was lost. */
export interface ApiRequest {
  /** When it arrived, in milliseconds since 1970, by the simulator's clock. */
  readonly atMs: number;
  readonly kind: 'query' | 'mutation' | 'unknown';
  /** The root fields of the document. */
  readonly fields: readonly string[];
  /** The response's status; `undefined` if the connection broke before the response. */
  readonly status: number | undefined;
  /** The code of the first error in the response. */
  readonly code: string | undefined;
}

export interface ServerSettings {
  readonly world: ApiWorld;
  readonly roots: object;
  readonly clock: Clock;
  readonly random: Random;
  readonly tokens: readonly UserToken[];
  readonly switches: () => ApiSwitches;
  readonly onRequest: (request: ApiRequest) => void;
}

interface Draft {
  kind: ApiRequest['kind'];
  fields: readonly string[];
  code: string | undefined;
}

/** The names of the headers, newest first. */
const headers = {
  token: ['blue-token-id', 'x-bloo-token-id'],
  secret: ['blue-token-secret', 'x-bloo-token-secret'],
  organization: ['blue-org-id', 'x-bloo-company-id', 'x-company-id'],
};

/** Answers GraphQL requests with Blue's headers, limits and errors. The promise rejects if the connection would break. */
export function createServer(settings: ServerSettings): (request: Request) => Promise<Response> {
  const { world, roots, clock, random, tokens, switches, onRequest } = settings;
  const limiter = new Limiter();
  let count = 0;
  const chance = (rate = 0) => rate > 0 && random() < rate;

  async function answer(request: Request, atMs: number, draft: Draft): Promise<Response> {
    const reply = (status: number, body: object, more: Readonly<Record<string, string>> = {}): Response => {
      draft.code = codeIn(body);
      const date = new Date(clock.now()).toUTCString();
      const all = { 'content-type': 'application/json', date, ...more };
      return new Response(JSON.stringify(body), { status, headers: all });
    };
    const asked = await requestOf(request);
    if (!asked) return reply(400, { errors: [{ message: 'Bad request.', extensions: { code: 'BAD_REQUEST' } }] });
    const now = switches();
    const header = (names: readonly string[]) =>
      names.map((name) => request.headers.get(name)).find((value) => value) ?? '';
    const token = tokens.find(({ id, secret }) => id === header(headers.token) && secret === header(headers.secret));
    const organization = header(headers.organization) || undefined;
    const prepared = await prepare(asked, now);
    if ('kind' in prepared) Object.assign(draft, { kind: prepared.kind, fields: rootFieldsOf(prepared) });

    const { requestsPerMinute: limits, faults } = now;
    const allowance = limiter.take(
      [
        [`key ${token?.id}`, limits.key],
        [`user ${token?.userId}`, limits.user],
        [`organization ${organization}`, limits.organization],
      ],
      atMs,
    );
    const limitHeaders = {
      'x-ratelimit-limit': String(allowance.limit),
      'x-ratelimit-remaining': String(allowance.remaining),
      'x-ratelimit-reset': String(Math.ceil(allowance.resetAtMs / 1_000)),
    };
    if (!allowance.allowed || chance(faults.tooManyRequests)) {
      const retryAfter = Math.max(1, Math.ceil((allowance.allowed ? 1_000 : allowance.resetAtMs - atMs) / 1_000));
      const body = { error: 'RATE_LIMITED', message: 'Too many requests.', retryAfter };
      return reply(429, body, { ...limitHeaders, 'retry-after': String(retryAfter) });
    }
    if (chance(faults.serverError)) return random() < 0.5 ? badGateway() : reply(500, internal);
    if (chance(faults.rateLimited)) return reply(200, { data: null, errors: [limited] });
    if (!token)
      return reply(401, { errors: [{ message: 'Unauthenticated.', extensions: { code: 'UNAUTHENTICATED' } }] });
    if (!('kind' in prepared)) return reply(prepared.status, prepared.body, limitHeaders);

    const context = new ApiContext(world, now, token.userId, organization, count);
    const { status, body } = await run(prepared as Prepared, asked, roots, context);
    if ('mutation' === draft.kind && chance(faults.lostAnswer)) throw new TypeError('fetch failed');
    return reply(status, body, limitHeaders);
  }

  return async (request) => {
    const release = clock.hold();
    const atMs = clock.now();
    const draft: Draft = { kind: 'unknown', fields: [], code: undefined };
    count += 1;
    let response: Response | undefined;
    try {
      response = await answer(request, atMs, draft);
      return response;
    } finally {
      onRequest({ atMs, ...draft, status: response?.status });
      release();
    }
  };
}

const limited = { message: 'Rate limited.', extensions: { code: 'RATE_LIMITED' } };
const internal = { errors: [{ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] };

const badGateway = () =>
  new Response('<html><h1>502 Bad Gateway</h1></html>', { status: 502, headers: { 'content-type': 'text/html' } });

async function requestOf(request: Request): Promise<GraphQLRequest | undefined> {
  try {
    const { query, variables } = (await request.json()) as { query?: unknown; variables?: unknown };
    if (request.method !== 'POST' || typeof query !== 'string') return undefined;
    return { query, variables: (variables ?? {}) as GraphQLRequest['variables'] };
  } catch {
    return undefined;
  }
}

function codeIn(body: object): string | undefined {
  const { error, errors } = body as {
    readonly error?: string;
    readonly errors?: readonly { readonly extensions: { readonly code?: string } }[];
  };
  return error ?? errors?.[0]?.extensions.code;
}
