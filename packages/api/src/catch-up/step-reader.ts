import type { BlueClient } from '../client';
import { documents, fieldIn } from '../documents';
import { BlueApiError } from '../errors';
import type { HistoryQuery } from '../operations';
import { dependsOnContent } from './parts';
import type { Step } from './step';

/** A record, and since when its steps are of interest. */
export interface StepRequest {
  readonly id: string;
  readonly projectId: string;
  readonly fromMs: number;
}

type History = HistoryQuery['history'];

const ALIASES = 20;
/** The most that Blue returns in one page. */
const PAGE = 24;
/** A failure may mean that the history does not exist, which a retry does not change. */
const MAX_RETRIES = 2;
/** As many fail if the first record of a full request is gone: each half of it, down to the record alone. */
const MAX_FAILURES = 6;
const selection = fieldIn(documents.History, 'todoActivity');

/** Reads the single steps of records, in a limited number of requests over the whole run. */
export class StepReader {
  readonly #client: BlueClient;
  readonly #signal: AbortSignal | undefined;
  #requestsLeft: number;
  #hasRead = false;
  #failures = 0;

  constructor(client: BlueClient, signal: AbortSignal | undefined, maxRequests: number) {
    this.#client = client;
    this.#signal = signal;
    this.#requestsLeft = maxRequests;
  }

  /** Returns the steps by the id of their record. Records that the limit, or Blue, left without complete steps are missing. */
  async read(records: readonly StepRequest[]): Promise<ReadonlyMap<string, readonly Step[]>> {
    const steps = new Map<string, readonly Step[]>();
    for (let place = 0; place < records.length; place += ALIASES) {
      await this.#part(records.slice(place, place + ALIASES), steps);
    }
    return steps;
  }

  async #part(records: readonly StepRequest[], steps: Map<string, readonly Step[]>): Promise<void> {
    const data = await this.#guarded(records, 0);
    if (data) {
      for (const [place, record] of records.entries()) {
        const found = await this.#complete(record, data[`h${place}`] as History);
        if (found) steps.set(record.id, found);
      }
    } else if (records.length > 1 && this.#requestsLeft > 0) {
      // A record that is gone meanwhile takes the others with it.
      const half = Math.ceil(records.length / 2);
      await this.#part(records.slice(0, half), steps);
      await this.#part(records.slice(half), steps);
    }
  }

  /** The steps of a record since its time, with further pages if the first ends before that. */
  async #complete(record: StepRequest, first: History): Promise<readonly Step[] | undefined> {
    const found = new Map<string, Step>();
    let page = first;
    for (let taken = 0; ; ) {
      const actions = page.items.flatMap((item) => ('type' in item ? [item] : []));
      for (const { id, type, createdAt, oldValue, newValue, affectedBy, customField } of actions) {
        const ids = { affectedById: affectedBy?.id ?? null, customFieldId: customField?.id ?? null };
        if (Date.parse(createdAt) >= record.fromMs)
          found.set(id, { id, type, at: createdAt, oldValue, newValue, ...ids });
      }
      taken += page.items.length;
      const oldest = actions.at(-1)?.createdAt;
      const isLast = page.items.length < PAGE || taken >= page.totalCount;
      if (isLast || oldest === undefined || Date.parse(oldest) < record.fromMs) return [...found.values()];
      const next = await this.#guarded([record], taken);
      if (!next) return undefined;
      page = next.h0 as History;
    }
  }

  /** Sends one request, unless none is left. `undefined` if the history of one of the records cannot be read. */
  async #guarded(
    records: readonly StepRequest[],
    skip: number,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    if (this.#requestsLeft <= 0) return undefined;
    this.#requestsLeft -= 1;
    try {
      const { data } = await this.#send(records, skip);
      this.#hasRead = true;
      return data;
    } catch (error) {
      if (!dependsOnContent(error)) throw error;
      this.#failures += 1;
      if (this.#isMissing(error) || (!this.#hasRead && this.#failures > MAX_FAILURES)) this.#requestsLeft = 0;
      return undefined;
    }
  }

  /** Whether an error means that this Blue serves no history, rather than that a record is gone. */
  #isMissing(error: unknown): boolean {
    if (BlueApiError.is(error, 'GRAPHQL_VALIDATION_FAILED') || BlueApiError.is(error, 'COMPANY_NOT_FOUND')) return true;
    return BlueApiError.is(error, 'INTERNAL_SERVER_ERROR') && !this.#hasRead; // a validation error can be masked
  }

  #send(records: readonly StepRequest[], skip: number) {
    const declared = records.map((_, place) => `, $p${place}: String!, $t${place}: String!`).join('');
    const aliased = records.map(
      (_, place) => `h${place}: ${selection.replace('$projectId', `$p${place}`).replace('$todoId', `$t${place}`)}`,
    );
    const ids = records.map(({ id, projectId }, place) => ({ [`p${place}`]: projectId, [`t${place}`]: id }));
    return this.#client.request(
      `query HistoryOf($companyId: String!, $skip: Int${declared}) { ${aliased.join('\n')} }`,
      Object.assign({ companyId: this.#client.organizationId, skip }, ...ids),
      { signal: this.#signal, maxRetries: MAX_RETRIES },
    );
  }
}
