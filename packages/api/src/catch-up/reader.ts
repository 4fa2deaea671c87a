import type { BlueClient } from '../client';
import { documents, fieldIn } from '../documents';
import { BlueApiError } from '../errors';
import type { Features } from '../features';
import type {
  ActivityCategory,
  ActivityQuery,
  ActivityQueryVariables,
  CommentThreadsQuery,
  ListsWithRecordsQuery,
  RecordsCQuery,
  RecordsCQueryVariables,
} from '../operations';
import { inParts } from './parts';
import { commentRows, customFieldRow, listRow, type RecordTree, type Row, recordTree, tagRow } from './rows';

/** An entry of the activity feed. */
export type ActivityEntry = ActivityQuery['activityList']['activities'][number];

/** Pages of records; `complete` is false if rows were missing after three passes. */
export type OnRecords = (trees: readonly RecordTree[]) => Promise<void>;

type Filter = RecordsCQueryVariables['filter'];

const PAGE = 500;
const LIST_PAGE = 100;
const IDS = 100;
const PASSES = 3;
const ALIASES = 20;
/** `Date` has whole seconds, `updatedAt` has milliseconds. */
const DATE_MS = 1_000;
const EPOCH = '1970-01-01T00:00:00.000Z';

/** Reads one workspace, depending on the schema. */
export class Reader {
  readonly #client: BlueClient;
  readonly #features: Features;
  readonly #signal: AbortSignal | undefined;

  constructor(client: BlueClient, features: Features, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#features = features;
    this.#signal = signal;
  }

  async lists(projectId: string): Promise<readonly Row[]> {
    const name = this.#features.generation === 'C' ? 'ListsC' : 'Lists';
    return (await this.#client.run(name, { projectId }, this.#about(projectId))).lists.map(listRow);
  }

  tags(projectId: string): Promise<readonly Row[]> {
    return pages(async (skip) => {
      const { tagList } = await this.#client.run('Tags', { projectIds: [projectId], skip }, this.#about(projectId));
      return { items: tagList.items.map(tagRow), hasNextPage: tagList.pageInfo.hasNextPage };
    });
  }

  fields(projectId: string): Promise<readonly Row[]> {
    return pages(async (skip) => {
      const { customFields } = await this.#client.run('CustomFields', { projectId, skip }, this.#about(projectId));
      const items = customFields.items.map((field) => customFieldRow(field, projectId));
      return { items, hasNextPage: customFields.pageInfo.hasNextPage };
    });
  }

  /** Returns the feed of a workspace since a time; `undefined` if it cannot be read. */
  async activity(
    projectId: string,
    categories: readonly ActivityCategory[],
    since: Date,
  ): Promise<readonly ActivityEntry[] | undefined> {
    const entries = new Map<string, ActivityEntry>();
    let after: string | null = null;
    try {
      for (;;) {
        const variables: ActivityQueryVariables = { projectId, categories, startDate: since.toISOString(), after };
        const { activityList }: ActivityQuery = await this.#client.run('Activity', variables, this.#about(projectId));
        const fresh = activityList.activities.filter(({ id }) => !entries.has(id));
        for (const entry of fresh) entries.set(entry.id, entry);
        after = fresh.at(-1)?.id ?? null;
        if (!activityList.pageInfo.hasNextPage || after === null) return [...entries.values()];
      }
    } catch (error) {
      if (BlueApiError.is(error, 'FORBIDDEN') || BlueApiError.is(error, 'COMPANY_NOT_FOUND')) return undefined;
      throw error;
    }
  }

  /** Records changed since a time, or all of them; returns whether every row was seen. */
  async records(projectId: string, since: Date | undefined, untilMs: number, onRecords: OnRecords): Promise<boolean> {
    if (!this.#features.filtersByTime) {
      return since
        ? this.#latestOfLists(projectId, since, onRecords)
        : this.#bySkip({ projectIds: [projectId] }, 'RecordsA', onRecords);
    }
    let complete = true;
    for (const archived of [false, true]) {
      const whole = await this.#byTime(
        { projectIds: [projectId], archived },
        since?.toISOString() ?? EPOCH,
        untilMs,
        onRecords,
      );
      complete &&= whole;
    }
    return complete;
  }

  /** Returns records by id, in any workspace. */
  async byId(ids: readonly string[], onRecords: OnRecords): Promise<void> {
    const name = this.#recordsName;
    const sides = this.#features.filtersByTime ? [{ archived: false }, { archived: true }] : [{}];
    await inParts(ids, IDS, async (todoIds) => {
      for (const side of sides) {
        const { records } = await this.#records(name, { todoIds, ...side }, 0);
        await onRecords(records.todos.items.map(recordTree));
      }
    });
  }

  /** The comments of several records, by the record's id. */
  async comments(
    records: readonly Row[],
    onComments: (record: Row, comments: readonly Row[]) => Promise<void>,
  ): Promise<void> {
    const selection = fieldIn(documents[this.#features.threads ? 'CommentThreads' : 'Comments'], 'commentList');
    await inParts(records, ALIASES, async (part) => {
      const aliased = part.map(
        (_, place) => `c${place}: ${selection.replace('$id', `$c${place}`).replace('$skip', '0')}`,
      );
      const variables = part.map((_, place) => `$c${place}: String!`).join(', ');
      const ids = Object.fromEntries(part.map(({ id }, place) => [`c${place}`, id]));
      const { data } = await this.#client.request(`query CommentsOf(${variables}) { ${aliased.join('\n')} }`, ids, {
        signal: this.#signal,
      });
      for (const [place, record] of part.entries()) {
        const first = data[`c${place}`] as CommentThreadsQuery['comments'];
        await onComments(record, [
          ...commentRows(first.comments, record),
          ...(await this.#moreComments(record, first)),
        ]);
      }
    });
  }

  async #moreComments(record: Row, first: CommentThreadsQuery['comments']): Promise<readonly Row[]> {
    if (!first.pageInfo.hasNextPage) return [];
    const name = this.#features.threads ? 'CommentThreads' : 'Comments';
    return pages(async (skip) => {
      const { comments } = await this.#client.run(
        name,
        { id: record.id, skip: skip + first.comments.length },
        { signal: this.#signal },
      );
      return {
        items: commentRows(comments.comments as CommentThreadsQuery['comments']['comments'], record),
        hasNextPage: comments.pageInfo.hasNextPage,
        taken: comments.comments.length,
      };
    });
  }

  /**
   * Pages by `updatedAt`: continues at the last row's time, whose rows are read again, since rows move to the end meanwhile.
   * If a whole page has one time, it continues with `skip` and counts.
   */
  async #byTime(filter: Partial<Filter>, from: string, untilMs: number, onRecords: OnRecords): Promise<boolean> {
    const read = (updatedAt_gte: string, skip: number) =>
      this.#records(this.#recordsName, { ...filter, updatedAt_gte }, skip);
    let start = from;
    for (;;) {
      const { items, pageInfo } = (await read(start, 0)).records.todos;
      await onRecords(items.map(recordTree));
      const last = items.at(-1)?.updatedAt;
      if (!pageInfo.hasNextPage || last === undefined || Date.parse(last) > untilMs + DATE_MS) return true;
      if (Date.parse(last) > Date.parse(start)) start = last;
      else return this.#countedPasses((skip) => read(start, skip), onRecords);
    }
  }

  /** Reads all pages by `skip`, again if the order has changed meanwhile, until as many rows were seen as there are. */
  async #countedPasses(read: (skip: number) => Promise<RecordsCQuery>, onRecords: OnRecords): Promise<boolean> {
    const seen = new Set<string>();
    for (let pass = 1; pass <= PASSES; pass++) {
      let total = 0;
      for (let skip = 0, more = true; more; ) {
        const { items, pageInfo } = (await read(skip)).records.todos;
        const fresh = items.filter(({ id }) => !seen.has(id));
        for (const { id } of fresh) seen.add(id);
        await onRecords(fresh.map(recordTree));
        skip += items.length;
        total = pageInfo.totalItems ?? skip;
        more = pageInfo.hasNextPage && items.length > 0;
      }
      if (seen.size >= total) return true;
    }
    return false;
  }

  #bySkip(filter: Partial<Filter>, name: 'RecordsA', onRecords: OnRecords): Promise<boolean> {
    return this.#countedPasses((skip) => this.#records(name, filter, skip), onRecords);
  }

  /** Generation A: the latest rows of each list, and on until they are older. Rows move to the front, so none is skipped. */
  async #latestOfLists(projectId: string, since: Date, onRecords: OnRecords): Promise<boolean> {
    const isFresh = ({ updatedAt }: { readonly updatedAt: string }) => Date.parse(updatedAt) >= since.getTime();
    const first = 50;
    const { lists } = await this.#client.run('ListsWithRecords', { projectId, first }, this.#about(projectId));
    for (const list of lists) {
      type Records = ListsWithRecordsQuery['lists'][number]['todos'];
      let page: Records = list.todos;
      let size = first;
      for (let skip = 0; ; ) {
        await onRecords(page.filter(isFresh).map(recordTree));
        const last = page.at(-1);
        if (page.length < size || !last || !isFresh(last)) break;
        skip += page.length;
        size = LIST_PAGE;
        const variables = { id: list.id, first: size, skip };
        page = (await this.#client.run('ListRecords', variables, this.#about(projectId))).list?.todos ?? [];
      }
    }
    return true;
  }

  async #records(
    name: 'RecordsA' | 'RecordsB' | 'RecordsC',
    filter: Partial<Filter>,
    skip: number,
  ): Promise<RecordsCQuery> {
    const complete: Filter = { companyIds: [this.#client.organizationId], showCompleted: true, ...filter };
    const projectId = filter.projectIds?.length === 1 ? filter.projectIds[0] : undefined;
    return this.#client.run(name, { filter: complete, limit: PAGE, skip }, this.#about(projectId));
  }

  get #recordsName(): 'RecordsA' | 'RecordsB' | 'RecordsC' {
    return `Records${this.#features.generation}`;
  }

  #about(workspaceId: string | undefined) {
    return { signal: this.#signal, ...(workspaceId === undefined ? {} : { workspaceId }) };
  }
}

/** All items of a list that is paged by `skip`. */
async function pages<T>(
  read: (
    skip: number,
  ) => Promise<{ readonly items: readonly T[]; readonly hasNextPage: boolean; readonly taken?: number }>,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let skip = 0; ; ) {
    const { items, hasNextPage, taken = items.length } = await read(skip);
    all.push(...items);
    skip += taken;
    if (!hasNextPage || taken === 0) return all;
  }
}
