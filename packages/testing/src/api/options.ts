import type { Generation } from './schema';
import type { TouchKind } from './state';

/** A personal access token that the simulated API accepts. */
export interface ApiToken {
  readonly id: string;
  readonly secret: string;
  /** The user whose rights it has. Defaults to the creator of the simulated webhook. */
  readonly userId?: string | undefined;
}

/** A token whose user is settled. */
export interface UserToken extends ApiToken {
  readonly userId: string;
}

/** Options that may each be left out, or `undefined`. */
export type Optional<Options> = { readonly [Name in keyof Options]?: Options[Name] | undefined };

/** How often, from 0 to 1, a request fails in each way. */
export interface ApiFaults {
  /** Answered 429 with `Retry-After` and the other headers, before anything runs. */
  readonly tooManyRequests: number;
  /** Answered 200 with the error code `RATE_LIMITED`, before anything runs. */
  readonly rateLimited: number;
  /** Answered 502 with a page that is not JSON, or 500 with `INTERNAL_SERVER_ERROR`, before anything runs. */
  readonly serverError: number;
  /** Mutations that run and whose connection breaks before the response. */
  readonly lostAnswer: number;
}

/** The behaviour of the simulated API; `api.set` changes each option while it runs. */
export interface ApiSwitches {
  /** The version of the schema. Defaults to `'C'`, the newest. */
  readonly generation: Generation;
  /** Whether introspection is allowed. Defaults to `true`. */
  readonly introspection: boolean;
  /** How a document that does not fit the schema is refused. Defaults to `'coded'`: 400, `GRAPHQL_VALIDATION_FAILED`. */
  readonly validationErrors: 'coded' | 'masked';
  /** Requests per minute of a key, a user and an organisation. Defaults to 20, 40 and 60. */
  readonly requestsPerMinute: { readonly key: number; readonly user: number; readonly organization: number };
  /** Defaults to none. */
  readonly faults: Optional<ApiFaults>;
  /** How many enabled webhooks the organisation's plan allows. Defaults to `Infinity`. */
  readonly maxEnabledWebhooks: number;
  /** Whether a webhook's URL on this machine is refused, as Blue refuses private addresses. Defaults to `false`. */
  readonly refusePrivateUrls: boolean;
  /** Whether the user may see archived records. Without that right, `archived: true` returns active ones. Defaults to `true`. */
  readonly archivedVisible: boolean;
  /** Whether lists without a filter by `archived` (generation A, `todoList`) contain archived records. Defaults to `false`. */
  readonly archivedListed: boolean;
  /** Where `REMOVE_TODO` is hidden in the activity feed. Defaults to `'organization'`: it is visible per workspace. */
  readonly removalsHidden: 'never' | 'organization' | 'always';
  /** Where a `REMOVE_TODO` names the record. Defaults to `'metadata'`. */
  readonly removalNames: 'todo' | 'metadata' | 'nowhere';
  /** Whether a deleted comment stays as a blank row with `deletedAt`. Defaults to `true`. */
  readonly softDeleteComments: boolean;
  /** Whether `todoActivity` is served: it is in the published schema, and on no page of the documentation. Defaults to `true`. */
  readonly history: boolean;
  /** Which changes move the record's `updatedAt`. Defaults to all but comments and checklists. */
  readonly touches: Readonly<Record<TouchKind, boolean>>;
  /** Whether rows of equal sort values are returned in another order on each request. Defaults to `false`. */
  readonly unstableOrder: boolean;
}

/** The simulated API's tokens and its behaviour at the start. */
export interface ApiOptions extends Optional<ApiSwitches> {
  /** Defaults to `[{ id: 'test-token', secret: 'pat_test-token' }]`. */
  readonly tokens?: readonly ApiToken[] | undefined;
  /** Decides which requests fail. Defaults to 1. */
  readonly seed?: number | undefined;
}

const defaultSwitches: ApiSwitches = {
  generation: 'C',
  introspection: true,
  validationErrors: 'coded',
  requestsPerMinute: { key: 20, user: 40, organization: 60 },
  faults: {},
  maxEnabledWebhooks: Number.POSITIVE_INFINITY,
  refusePrivateUrls: false,
  archivedVisible: true,
  archivedListed: false,
  removalsHidden: 'organization',
  removalNames: 'metadata',
  softDeleteComments: true,
  history: true,
  touches: { comments: false, checklists: false, tags: true, assignees: true, customFields: true },
  unstableOrder: false,
};

/** @throws TypeError if a name or a value is invalid */
export function switchesOf(options: Optional<ApiSwitches>, before: ApiSwitches = defaultSwitches): ApiSwitches {
  const changes = Object.entries(options).filter(
    ([name, value]) => name !== 'tokens' && name !== 'seed' && value !== undefined,
  );
  for (const [name, value] of changes) {
    const known = Object.hasOwn(defaultSwitches, name) ? defaultSwitches[name as keyof ApiSwitches] : undefined;
    if (known === undefined) throw new TypeError(`\`${name}\` is not an option of the simulated API.`);
    if (typeof known !== typeof value)
      throw new TypeError(`\`${name}\` must be a ${typeof known}, got a ${typeof value}.`);
  }
  return { ...before, ...Object.fromEntries(changes) };
}
