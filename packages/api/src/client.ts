import { type BlueClientOptions, type ClientSettings, clientSettingsOf } from './client-options';
import { type Clock, sleep } from './clock';
import { detect } from './detect';
import { type DocumentName, documents } from './documents';
import { BlueApiError } from './errors';
import type { Features } from './features';
import { verdictOn } from './retry';
import { type Shared, sharedBy } from './shared';
import { type Answered, exchange } from './transport';
import type { Results, Variables } from './typed-documents';

/** How one request is sent. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** The maximum number of retries after `INTERNAL_SERVER_ERROR`. Defaults to the client's `maxRetries`. */
  readonly maxRetries?: number | undefined;
  /** A workspace's id, if the request concerns only one workspace. */
  readonly workspaceId?: string | undefined;
}

/** The statistics of the client. */
export interface ClientUsage {
  /** Requests sent, including retries. */
  readonly requests: number;
  /** Requests that a rate limit refused. */
  readonly rateLimited: number;
  /** Requests that failed otherwise. */
  readonly failed: number;
}

/** A client for the Blue GraphQL API. */
export interface BlueClient {
  readonly organizationId: string;
  readonly endpoint: string;
  readonly clock: Clock;
  readonly usage: ClientUsage;
  /**
   * Runs one of the package's operations.
   * @throws BlueApiError
   */
  run<N extends DocumentName>(name: N, variables: Variables[N], options?: RequestOptions): Promise<Results[N]>;
  /**
   * Sends your own document. A mutation is retried only after a rate limit.
   * @throws BlueApiError
   */
  request(text: string, variables?: Readonly<Record<string, unknown>>, options?: RequestOptions): Promise<Answered>;
  /** Detects the version of the schema that Blue serves, once for each token and process. */
  features(): Promise<Features>;
}

/**
 * Creates a client for the Blue GraphQL API, which needs only `fetch`: Node 20 and later, Bun, Deno, Workers.
 *
 * All clients of one token share a budget in the process. `Retry-After` is respected; rate-limited requests and failed reads are
 * retried. No token appears in an error or in what `util.inspect` prints.
 * @throws TypeError if an option is invalid
 */
export function createBlueClient(options: BlueClientOptions): BlueClient {
  return new Client(clientSettingsOf(options));
}

/** A class for its private fields, which neither `util.inspect` nor a serializer reaches. */
class Client implements BlueClient {
  readonly #settings: ClientSettings;
  readonly #shared: Shared;
  readonly #usage = { requests: 0, rateLimited: 0, failed: 0 };
  #detecting: Promise<Features> | undefined;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
    this.#shared = sharedBy(settings.clock, settings.tokenId, settings.endpoint);
  }

  get organizationId(): string {
    return this.#settings.organizationId;
  }

  get endpoint(): string {
    return this.#settings.endpoint;
  }

  get clock(): Clock {
    return this.#settings.clock;
  }

  get usage(): ClientUsage {
    return { ...this.#usage };
  }

  async run<N extends DocumentName>(name: N, variables: Variables[N], options?: RequestOptions): Promise<Results[N]> {
    const { data } = await this.request(documents[name], variables, options);
    return data as unknown as Results[N];
  }

  async request(
    text: string,
    variables: Readonly<Record<string, unknown>> = {},
    options: RequestOptions = {},
  ): Promise<Answered> {
    const { clock, maxRetries } = this.#settings;
    const changesNothing = !/^\s*mutation\b/.test(text);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send(text, variables, options);
      } catch (error) {
        const verdict = verdictOn(error, attempt, changesNothing);
        const limit = BlueApiError.is(error, 'INTERNAL_SERVER_ERROR') ? options.maxRetries : undefined;
        if (!verdict.again || attempt > (limit ?? maxRetries)) throw error;
        if (verdict.forAll) this.#shared.budget.pause(verdict.waitMs);
        else await sleep(clock, verdict.waitMs, options.signal);
      }
    }
  }

  async features(): Promise<Features> {
    if (this.#shared.features) return this.#shared.features;
    this.#detecting ??= detect(this).finally(() => {
      this.#detecting = undefined;
    });
    this.#shared.features = await this.#detecting;
    return this.#shared.features;
  }

  async #send(text: string, variables: Readonly<Record<string, unknown>>, options: RequestOptions): Promise<Answered> {
    const { tokenId, tokenSecret, organizationId, endpoint, requestsPerMinute, timeoutMs, fetch, clock } =
      this.#settings;
    const end = await this.#shared.budget.take(requestsPerMinute, options.signal);
    this.#usage.requests += 1;
    try {
      const answered = await exchange({
        endpoint,
        text,
        variables,
        timeoutMs,
        clock,
        fetch,
        signal: options.signal,
        operation: /\b(?:query|mutation)\s+(\w+)/.exec(text)?.[1] ?? 'request',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'blue-token-id': tokenId,
          'blue-token-secret': tokenSecret,
          'blue-org-id': organizationId,
          ...(options.workspaceId === undefined ? {} : { 'blue-workspace-id': options.workspaceId }),
        },
      });
      if (answered.pauseMs > 0) this.#shared.budget.pause(Math.min(answered.pauseMs, 60_000));
      return answered;
    } catch (error) {
      this.#usage[(error as { code?: unknown }).code === 'RATE_LIMITED' ? 'rateLimited' : 'failed'] += 1;
      throw error;
    } finally {
      end();
    }
  }

  toJSON(): object {
    return { organizationId: this.organizationId, endpoint: this.endpoint };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `BlueClient { organizationId: '${this.organizationId}', endpoint: '${this.endpoint}' }`;
  }
}
