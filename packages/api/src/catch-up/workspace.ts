import type { ActivityCategory } from '../operations';
import type { KnownEntity } from './known';
import type { ActivityEntry, Reader } from './reader';
import type { Kind, RecordTree, Row } from './rows';
import { type Run, timeOf } from './run';

const categories: readonly ActivityCategory[] = [
  'CREATE_TODO',
  'REMOVE_TODO',
  'CREATE_TODO_LIST',
  'REMOVE_TODO_LIST',
  'CREATE_COMMENT',
];

/** How far the clock of a receiver, which records deletions, may be ahead of the clock of Blue. */
const SKEW_MS = 300_000;

/** The context of a run of one workspace. */
export interface WorkspaceTask {
  readonly run: Run;
  readonly reader: Reader;
  readonly projectId: string;
  readonly full: boolean;
  /** Whether the user that reads is the one that has read before: only then is absence meaningful. */
  readonly sameUser: boolean;
  readonly onPhase: (phase: string) => void;
}

type KnownById = Map<string, KnownEntity>;

/** Catches up on one workspace. Returns whether every row was seen. @throws BlueApiError */
export async function catchUpWorkspace(task: WorkspaceTask): Promise<boolean> {
  return new Workspace(task).catchUp();
}

class Workspace {
  readonly #task: WorkspaceTask;
  readonly #known = new Map<Kind, KnownById>();
  readonly #records = new Map<string, RecordTree>();
  /** Records whose comments are to be read. */
  readonly #candidates = new Map<string, Row>();
  #activity: readonly ActivityEntry[] | undefined;

  constructor(task: WorkspaceTask) {
    this.#task = task;
  }

  async catchUp(): Promise<boolean> {
    const { run, reader, projectId, full, onPhase } = this.#task;
    onPhase('known');
    for (const kind of ['record', 'list', 'tag', 'customField', 'checklist', 'checklistItem', 'comment'] as const) {
      const entities = await run.known.list(kind, projectId);
      this.#known.set(kind, new Map(entities.map((entity) => [entity.id, entity])));
    }
    run.onRemember = (entity) => void this.#of(entity.kind).set(entity.id, entity);
    onPhase('settings');
    this.#activity = await reader.activity(projectId, categories, new Date(run.sinceMs));
    const lists = await reader.lists(projectId);
    const tags = await reader.tags(projectId);
    const fields = await reader.fields(projectId);
    for (const row of lists) await this.#present('list', row, undefined);
    for (const row of tags) await this.#present('tag', row, undefined);
    for (const row of fields) await this.#present('customField', row, undefined);

    onPhase('records');
    const onRecords = (trees: readonly RecordTree[]) => this.#trees(trees);
    const since = full ? undefined : new Date(run.sinceMs);
    const complete = await reader.records(projectId, since, run.startMs, onRecords);

    onPhase('deletions');
    const goneLists = await this.#deletedLists(lists);
    await this.#deletedRecords(goneLists);
    await this.#orphanedItems();
    await this.#goneSettings('tag', 'TAG_DELETED', tags);
    await this.#goneSettings('customField', 'CUSTOM_FIELD_DELETED', fields);

    onPhase('comments');
    await this.#comments();
    return complete;
  }

  #of(kind: Kind): KnownById {
    return this.#known.get(kind) as KnownById;
  }

  #living(kind: Kind): KnownEntity[] {
    return [...this.#of(kind).values()].filter(({ deletedAtMs }) => deletedAtMs === undefined);
  }

  async #present(
    kind: Kind,
    row: Row,
    parentId: string | undefined,
    createdWith?: Row,
    projectId = this.#task.projectId,
  ): Promise<void> {
    await this.#task.run.present({ kind, row, projectId, parentId, createdWith }, await this.#before(kind, row.id));
  }

  /** The last known row, also of another workspace: a record can move between them. */
  async #before(kind: Kind, id: string): Promise<KnownEntity | undefined> {
    return this.#of(kind).get(id) ?? (await this.#task.run.known.get(kind, [id]))[0];
  }

  async #trees(trees: readonly RecordTree[]): Promise<void> {
    const { run, full } = this.#task;
    for (const tree of trees) {
      const { record, projectId, checklists, items, commentCount } = tree;
      if (this.#records.get(record.id)?.record.updatedAt === record.updatedAt) continue; // a boundary row, again
      this.#records.set(record.id, tree);
      const createdWith = !(await this.#before('record', record.id)) && run.isNew(record) ? record : undefined;
      await this.#present('record', record, record.todoListId as string, undefined, projectId);
      await this.#goneBelow('checklist', record.id, checklists);
      for (const row of checklists) await this.#present('checklist', row, record.id, createdWith, projectId);
      for (const row of checklists) await this.#goneBelow('checklistItem', row.id, items);
      for (const row of items)
        await this.#present('checklistItem', row, row.checklistId as string, createdWith, projectId);
      const knownComments = this.#living('comment').filter(({ parentId }) => parentId === record.id).length;
      const isChanged = timeOf(record.updatedAt) >= run.sinceMs;
      if (isChanged || commentCount !== knownComments || (full && commentCount > 0))
        this.#candidates.set(record.id, record);
    }
  }

  /** Checklists and items that a record no longer has: it shows all of them or is not shown itself. */
  async #goneBelow(kind: 'checklist' | 'checklistItem', parentId: string, present: readonly Row[]): Promise<void> {
    const { run } = this.#task;
    const ids = new Set(present.map(({ id }) => id));
    const event = kind === 'checklist' ? 'TODO_CHECKLIST_DELETED' : 'TODO_CHECKLIST_ITEM_DELETED';
    for (const each of this.#living(kind)) {
      if (each.parentId !== parentId || ids.has(each.id)) continue;
      await run.deleted(event, each);
      if (kind === 'checklist') await this.#along('checklistItem', each.id);
    }
  }

  /** The children of a deleted row are deleted along with it, without an event. */
  async #along(kind: Kind, parentId: string): Promise<void> {
    const below = this.#living(kind).filter((each) => each.parentId === parentId);
    await this.#task.run.goneAlong(below);
    if (kind === 'checklist') for (const { id } of below) await this.#along('checklistItem', id);
  }

  /** The lists that are deleted for certain. */
  async #deletedLists(present: readonly Row[]): Promise<ReadonlySet<string>> {
    const { run } = this.#task;
    const ids = new Set(present.map(({ id }) => id));
    const absent = this.#living('list').filter(({ id }) => !ids.has(id));
    const removed = this.#removals(
      'list',
      'REMOVE_TODO_LIST',
      'CREATE_TODO_LIST',
      ({ todoList }) => todoList?.id,
      (id) => ids.has(id),
    );
    const { certain, unresolved } = removed.sort(absent);
    for (const each of certain) await run.deleted('TODO_LIST_DELETED', each);
    run.counts.deletedUnresolved += unresolved.length;
    return new Set(certain.map(({ id }) => id));
  }

  async #deletedRecords(goneLists: ReadonlySet<string>): Promise<void> {
    const { run, reader, full, projectId } = this.#task;
    const removed = this.#removals(
      'record',
      'REMOVE_TODO',
      'CREATE_TODO',
      ({ todo, metadata }) => todo?.id ?? idIn(metadata),
      (id) => this.#records.has(id),
    );
    const isSuspect = full || removed.count > 0 || goneLists.size > 0;
    const unseen = isSuspect ? this.#living('record').filter(({ id }) => !this.#records.has(id)) : [];
    const strangers = [...removed.named].filter((id) => !this.#of('record').has(id) && !this.#records.has(id));
    await reader.byId([...unseen.map(({ id }) => id), ...strangers], (trees) => this.#trees(trees));

    const absent = unseen.filter(({ id }) => !this.#records.has(id));
    const withList = absent.filter(({ parentId }) => parentId !== undefined && goneLists.has(parentId));
    const { certain, unresolved } = removed.sort(absent.filter((each) => !withList.includes(each)));
    for (const each of [...withList, ...certain]) {
      await run.deleted('TODO_DELETED', each);
      for (const kind of ['checklist', 'comment'] as const) await this.#along(kind, each.id);
    }
    run.counts.deletedUnresolved += unresolved.length;
    for (const id of strangers) {
      if (this.#records.has(id)) continue;
      // Nothing but its id is known: a handler receives it as a deletion without identity.
      await run.deleted('TODO_DELETED', { kind: 'record', id, projectId, parentId: undefined, row: { id } });
    }
    if (this.#of('record').size === 0) run.counts.deletedUnresolved += removed.unnamed();
  }

  /** Items whose checklist was created and deleted unnoticed: the deletion of their record did not report them. */
  async #orphanedItems(): Promise<void> {
    const isGone = (id: unknown) => this.#of('record').get(id as string)?.deletedAtMs !== undefined;
    for (const item of this.#living('checklistItem')) {
      const { todoId } = (item.row.checklist ?? {}) as { readonly todoId?: unknown };
      if (this.#of('checklist').has(item.parentId ?? '') || !isGone(todoId)) continue;
      await this.#task.run.deleted('TODO_CHECKLIST_ITEM_DELETED', item);
    }
  }

  /** Tags and fields have no entry in the feed: their absence counts if the same user has seen them and nothing uses them. */
  async #goneSettings(kind: 'tag' | 'customField', event: string, present: readonly Row[]): Promise<void> {
    const { run, sameUser } = this.#task;
    const used = new Set(
      [...this.#records.values()].flatMap(({ record }) => [
        ...(record.todoTags as { tagId: string }[]).map(({ tagId }) => tagId),
        ...(record.todoCustomFields as { customFieldId: string }[]).map(({ customFieldId }) => customFieldId),
      ]),
    );
    const ids = new Set(present.map(({ id }) => id));
    for (const each of this.#living(kind)) {
      if (ids.has(each.id)) continue;
      if (sameUser && !used.has(each.id)) await run.deleted(event, each);
      else run.counts.deletedUnresolved += 1;
    }
  }

  async #comments(): Promise<void> {
    const { run, reader, projectId } = this.#task;
    const commented = (this.#activity ?? []).flatMap(({ category, todo }) =>
      category === 'CREATE_COMMENT' && todo ? [todo.id] : [],
    );
    const unread = [...new Set(commented)].filter((id) => !this.#candidates.has(id));
    const unknown = unread.filter((id) => !this.#records.has(id));
    await reader.byId(unknown, (trees) => this.#trees(trees));
    for (const id of unread) {
      const tree = this.#records.get(id);
      if (tree) this.#candidates.set(id, tree.record);
    }
    await reader.comments([...this.#candidates.values()], async (record, comments) => {
      const ids = new Set(comments.map(({ id }) => id));
      for (const row of comments) await this.#present('comment', row, record.id, undefined, projectId);
      const absent = this.#living('comment').filter(({ id, parentId }) => parentId === record.id && !ids.has(id));
      run.counts.deletedUnresolved += absent.length;
    });
  }

  /** The entries of the feed about removed rows of a kind. */
  #removals(
    kind: 'record' | 'list',
    removal: ActivityCategory,
    creation: ActivityCategory,
    idOf: (entry: ActivityEntry) => string | undefined,
    isPresent: (id: string) => boolean,
  ) {
    const entries = (this.#activity ?? []).filter(({ category }) => category === removal);
    const ids = entries.map(idOf);
    const named = new Set(ids.filter((id) => id !== undefined));
    const created = (this.#activity ?? []).filter(({ category }) => category === creation);
    const anonymous = ids.filter((id) => id === undefined).length;
    // Rows that were created and removed in this time, and never seen here, leave entries that nothing known accounts for.
    const vanished = created.filter((entry) => (kind === 'record' ? entry.todo : entry.todoList) === null).length;
    const known = [...this.#of(kind).values()];
    const { run } = this.#task;
    const reported = known.filter(
      ({ id, deletedAtMs = 0 }) => deletedAtMs >= run.sinceMs && deletedAtMs <= run.startMs + SKEW_MS && !named.has(id),
    ).length;
    /** How many entries are left for known rows that are absent; counted once everything was read. */
    const unnamed = () => {
      const young = known.filter(({ id, row }) => run.isNew(row) && !isPresent(id)).length;
      return Math.max(0, anonymous - Math.max(0, vanished - young) - reported);
    };
    return {
      named,
      unnamed,
      count: entries.length,
      /** Absence does not prove a deletion: the feed must name the row, or have an entry left for each absent one. */
      sort(absent: readonly KnownEntity[]) {
        const certain = absent.filter(({ id }) => named.has(id));
        const rest = absent.filter(({ id }) => !named.has(id));
        return rest.length <= unnamed() ? { certain: absent, unresolved: [] } : { certain, unresolved: rest };
      },
    };
  }
}

/** The record's id in an entry's metadata, a JSON text. */
function idIn(metadata: string | null): string | undefined {
  try {
    const { todoId, id } = JSON.parse(metadata ?? '{}') as { readonly todoId?: unknown; readonly id?: unknown };
    return [todoId, id].find((each) => typeof each === 'string') as string | undefined;
  } catch {
    return undefined;
  }
}
