import type { ActivityLog } from './activity-log';
import { ApiError } from './codes';
import type { ApiSwitches } from './options';
import type { Registry, WebhookLine } from './registry';
import type { Row } from './row';
import type { BlueState, RowKind } from './state';

/** A filter of records; a subset of the `TodosFilter` of Blue. */
export interface RecordFilter {
  readonly companyIds?: readonly string[];
  readonly projectIds?: readonly string[] | null;
  readonly todoIds?: readonly string[] | null;
  readonly todoListIds?: readonly string[] | null;
  readonly done?: boolean | null;
  readonly showCompleted?: boolean | null;
  readonly excludeArchivedProjects?: boolean | null;
  readonly updatedAt_gt?: string | null;
  readonly updatedAt_gte?: string | null;
  readonly createdStart?: string | null;
  readonly createdEnd?: string | null;
  readonly archived?: boolean | null;
}

/** The state that all requests of the simulated API share. */
export interface ApiWorld {
  readonly state: BlueState;
  readonly log: ActivityLog;
  readonly webhooks: Registry<WebhookLine>;
  /** Rows that no user of the API sees. */
  readonly hidden: Set<string>;
  isMember(projectId: string, userId: string): boolean;
}

/** One request's view of the state: the rows that its user may see. */
export class ApiContext {
  readonly #world: ApiWorld;
  readonly switches: ApiSwitches;
  readonly userId: string;
  readonly organization: string | undefined;
  readonly #salt: number;

  constructor(world: ApiWorld, switches: ApiSwitches, userId: string, organization: string | undefined, salt: number) {
    this.#world = world;
    this.switches = switches;
    this.userId = userId;
    this.organization = organization;
    this.#salt = salt;
  }

  get state(): BlueState {
    return this.#world.state;
  }

  get log(): ActivityLog {
    return this.#world.log;
  }

  get webhooks(): Registry<WebhookLine> {
    return this.#world.webhooks;
  }

  isMember(projectId: string): boolean {
    return this.#world.isMember(projectId, this.userId);
  }

  /** @throws ApiError PROJECT_NOT_FOUND, FORBIDDEN */
  requireProject(projectId: string): void {
    if (!this.state.projects.has(projectId)) throw new ApiError('PROJECT_NOT_FOUND', 'Project was not found.');
    if (!this.isMember(projectId)) throw new ApiError('FORBIDDEN', 'You are not authorized.');
  }

  /** @throws ApiError COMPANY_NOT_FOUND */
  requireOrganization(): void {
    const { companies } = this.state;
    const { organization } = this;
    if (organization && (companies.size === 0 || this.#companyId(organization))) return;
    throw new ApiError('COMPANY_NOT_FOUND', 'Company was not found.');
  }

  /** Returns a row if the user may see it. */
  visible(kind: RowKind, id: unknown): Row | undefined {
    const row = this.state.rows[kind].get(id as string);
    return row && this.#sees(kind, row) ? row : undefined;
  }

  /** Returns all rows of a kind that the user may see, oldest first. */
  all(kind: RowKind): Row[] {
    return [...this.state.rows[kind].values()].filter((row) => this.#sees(kind, row));
  }

  /** Returns the records that a filter selects. Whether archived ones are included depends on the schema and the options. */
  records(filter: RecordFilter): Row[] {
    const { generation, archivedVisible, archivedListed } = this.switches;
    const bySide = generation !== 'A' && 'companyIds' in filter;
    const archived = bySide && filter.archived === true && archivedVisible;
    const tests: ((row: Row) => unknown)[] = [(row) => bothSides || Boolean(row.archived) === archived];
    const bothSides = !bySide && archivedListed;
    const among = (ids: readonly string[] | null | undefined, of: (row: Row) => unknown) => {
      if (ids && ids.length > 0) tests.push((row) => ids.includes(of(row) as string));
    };
    const projectOf = (row: Row) => this.state.projectIdOf('record', row);
    among(filter.projectIds, projectOf);
    among(filter.todoIds, ({ id }) => id);
    among(filter.todoListIds, ({ todoListId }) => todoListId);
    if (filter.companyIds) tests.push((row) => this.#inCompanies(filter.companyIds ?? [], projectOf(row)));
    if (filter.showCompleted === false) tests.push(({ done }) => !done);
    if (typeof filter.done === 'boolean') tests.push(({ done }) => done === filter.done);
    const { updatedAt_gt: after, updatedAt_gte: from, createdStart, createdEnd } = filter;
    if (after) tests.push(({ updatedAt }) => timeOf(updatedAt) > timeOf(after));
    if (from) tests.push(({ updatedAt }) => timeOf(updatedAt) >= timeOf(from));
    if (createdStart) tests.push(({ createdAt }) => timeOf(createdAt) >= timeOf(createdStart));
    if (createdEnd) tests.push(({ createdAt }) => timeOf(createdAt) <= timeOf(createdEnd));
    return this.all('record').filter((row) => tests.every((test) => test(row)));
  }

  /** Returns the workspaces of these organisations that the user is a member of. */
  projects(companyIds: readonly string[]): Row[] {
    return [...this.state.projects.values()].filter(
      ({ id }) => this.#inCompanies(companyIds, id as string) && this.isMember(id as string),
    );
  }

  /** Sorts by orders such as `updatedAt_ASC`. Equal rows keep their order, unless `unstableOrder` is set. */
  sorted(rows: readonly Row[], orders: readonly string[]): Row[] {
    const keyed = rows.map((row, place) => ({ row, tie: this.switches.unstableOrder ? this.#shuffled(row) : place }));
    const compare = orders.map((order) => {
      const [, column = 'id', direction] = /^(.*)_(ASC|DESC)$/.exec(order) ?? [];
      return (one: Row, other: Row) => compareValues(one[column], other[column]) * (direction === 'DESC' ? -1 : 1);
    });
    keyed.sort((one, other) => {
      for (const by of compare) {
        const difference = by(one.row, other.row);
        if (difference !== 0) return difference;
      }
      return one.tie - other.tie;
    });
    return keyed.map(({ row }) => row);
  }

  #shuffled({ id }: Row): number {
    let hash = this.#salt;
    for (const unit of String(id)) hash = Math.imul(hash ^ unit.charCodeAt(0), 0x01000193) >>> 0;
    return hash;
  }

  #sees(kind: RowKind, row: Row): boolean {
    const { hidden } = this.#world;
    const above = [row.id, row.todoId, row.todoListId, row.checklistId];
    if (above.some((id) => hidden.has(id as string))) return false;
    const projectId = this.state.projectIdOf(kind, row);
    return projectId === undefined || this.isMember(projectId);
  }

  #inCompanies(companyIds: readonly string[], projectId: string | undefined): boolean {
    const { companyId } = this.state.projects.get(projectId ?? '') ?? {};
    return companyIds.some((id) => this.#companyId(id) === companyId);
  }

  #companyId(idOrSlug: string): unknown {
    return [...this.state.companies.values()].find(({ id, slug }) => id === idOrSlug || slug === idOrSlug)?.id;
  }
}

const timeOf = (value: unknown): number => new Date(String(value)).getTime();

function compareValues(one: unknown, other: unknown): number {
  const [a, b] =
    Number.isNaN(Number(one)) || Number.isNaN(Number(other))
      ? [String(one), String(other)]
      : [Number(one), Number(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}
