import type { ActivityCategory } from '../operations';
import type { KnownEntity } from './known';
import { KnownRows } from './known-rows';
import type { ActivityEntry, Reader } from './reader';
import { idIn, type RemovalKind, type Removals, removalsIn } from './removals';
import type { Kind, RecordTree, Row } from './rows';
import { type Run, timeOf } from './run';
import type { Step } from './step';
import type { StepReader, StepRequest } from './step-reader';

const categories: readonly ActivityCategory[] = [
  'CREATE_TODO',
  'REMOVE_TODO',
  'CREATE_TODO_LIST',
  'REMOVE_TODO_LIST',
  'CREATE_COMMENT',
];

/** The context of a run of one workspace. */
export interface WorkspaceTask {
  readonly run: Run;
  readonly reader: Reader;
  readonly steps: StepReader;
  readonly projectId: string;
  readonly full: boolean;
  /** Whether the user that reads is the one that has read before: only then is absence meaningful. */
  readonly sameUser: boolean;
  readonly onPhase: (phase: string) => void;
}

/** Catches up on one workspace. Returns whether every row was seen. @throws BlueApiError */
export async function catchUpWorkspace(task: WorkspaceTask): Promise<boolean> {
  return new Workspace(task).catchUp();
}

class Workspace {
  readonly #task: WorkspaceTask;
  #known = new KnownRows();
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
    this.#known = await KnownRows.read(run.known, projectId);
    run.onRemember = (entity) => this.#known.set(entity);
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

  async #present(
    kind: Kind,
    row: Row,
    parentId: string | undefined,
    createdWith?: Row,
    projectId = this.#task.projectId,
    steps?: readonly Step[],
  ): Promise<void> {
    const present = { kind, row, projectId, parentId, createdWith, steps };
    await this.#task.run.present(present, await this.#before(kind, row.id));
  }

  /** The last known row, also of another workspace: a record can move between them. */
  async #before(kind: Kind, id: string): Promise<KnownEntity | undefined> {
    return this.#known.of(kind).get(id) ?? (await this.#task.run.known.get(kind, [id]))[0];
  }

  async #trees(trees: readonly RecordTree[]): Promise<void> {
    const { run, full } = this.#task;
    // Boundary rows come again.
    const fresh = trees.filter(({ record }) => this.#records.get(record.id)?.record.updatedAt !== record.updatedAt);
    const steps = await this.#stepsOf(fresh);
    for (const tree of fresh) {
      const { record, projectId, checklists, items, commentCount } = tree;
      this.#records.set(record.id, tree);
      const createdWith = !(await this.#before('record', record.id)) && run.isNew(record) ? record : undefined;
      const parentId = record.todoListId as string;
      await this.#present('record', record, parentId, undefined, projectId, steps.get(record.id));
      await this.#goneBelow('checklist', record.id, checklists);
      for (const row of checklists) await this.#present('checklist', row, record.id, createdWith, projectId);
      for (const row of checklists) await this.#goneBelow('checklistItem', row.id, items);
      for (const row of items)
        await this.#present('checklistItem', row, row.checklistId as string, createdWith, projectId);
      const knownComments = this.#known.livingBelow('comment', record.id).length;
      const isChanged = timeOf(record.updatedAt) >= run.sinceMs;
      if (isChanged || commentCount !== knownComments || (full && commentCount > 0))
        this.#candidates.set(record.id, record);
    }
  }

  /** The single steps of the records that have changed unnoticed, as far as the limit of the run allows. */
  async #stepsOf(trees: readonly RecordTree[]): Promise<ReadonlyMap<string, readonly Step[]>> {
    const { run, steps } = this.#task;
    const requests: StepRequest[] = [];
    for (const { record, projectId } of trees) {
      const fromMs = run.stepsFromMs(record, await this.#before('record', record.id));
      if (fromMs !== undefined) requests.push({ id: record.id, projectId, fromMs });
    }
    const found = await steps.read(requests);
    run.counts.stepsUnread += requests.length - found.size;
    return found;
  }

  /** Checklists and items that a record no longer has: it shows all of them or is not shown itself. */
  async #goneBelow(kind: 'checklist' | 'checklistItem', parentId: string, present: readonly Row[]): Promise<void> {
    const { run } = this.#task;
    const ids = new Set(present.map(({ id }) => id));
    const event = kind === 'checklist' ? 'TODO_CHECKLIST_DELETED' : 'TODO_CHECKLIST_ITEM_DELETED';
    for (const each of this.#known.livingBelow(kind, parentId)) {
      if (ids.has(each.id)) continue;
      await run.deleted(event, each);
      if (kind === 'checklist') await this.#along('checklistItem', each.id);
    }
  }

  /** The children of a deleted row are deleted along with it, without an event. */
  async #along(kind: Kind, parentId: string): Promise<void> {
    const below = this.#known.livingBelow(kind, parentId);
    await this.#task.run.goneAlong(below);
    if (kind === 'checklist') for (const { id } of below) await this.#along('checklistItem', id);
  }

  /** The lists that are deleted for certain. */
  async #deletedLists(present: readonly Row[]): Promise<ReadonlySet<string>> {
    const { run } = this.#task;
    const ids = new Set(present.map(({ id }) => id));
    const absent = this.#known.living('list').filter(({ id }) => !ids.has(id));
    const removed = this.#removals({
      removal: 'REMOVE_TODO_LIST',
      creation: 'CREATE_TODO_LIST',
      idOf: ({ todoList }) => todoList?.id,
      isGone: ({ todoList }) => todoList === null,
      known: [...this.#known.of('list').values()],
      isPresent: (id) => ids.has(id),
    });
    const { certain, unresolved } = removed.sort(absent);
    for (const each of certain) await run.deleted('TODO_LIST_DELETED', each);
    run.counts.deletedUnresolved += unresolved.length;
    return new Set(certain.map(({ id }) => id));
  }

  async #deletedRecords(goneLists: ReadonlySet<string>): Promise<void> {
    const { run, reader, full, projectId } = this.#task;
    const removed = this.#removals({
      removal: 'REMOVE_TODO',
      creation: 'CREATE_TODO',
      idOf: ({ todo, metadata }) => todo?.id ?? idIn(metadata),
      isGone: ({ todo }) => todo === null,
      known: [...this.#known.of('record').values()],
      isPresent: (id) => this.#records.has(id),
    });
    const isSuspect = full || removed.count > 0 || goneLists.size > 0;
    const unseen = isSuspect ? this.#known.living('record').filter(({ id }) => !this.#records.has(id)) : [];
    const strangers = [...removed.named].filter((id) => !this.#known.of('record').has(id) && !this.#records.has(id));
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
    if (this.#known.of('record').size === 0) run.counts.deletedUnresolved += removed.unnamed();
  }

  /** Items whose checklist was created and deleted unnoticed: the deletion of their record did not report them. */
  async #orphanedItems(): Promise<void> {
    const isGone = (id: unknown) => this.#known.of('record').get(id as string)?.deletedAtMs !== undefined;
    for (const item of this.#known.living('checklistItem')) {
      const { todoId } = (item.row.checklist ?? {}) as { readonly todoId?: unknown };
      if (this.#known.of('checklist').has(item.parentId ?? '') || !isGone(todoId)) continue;
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
    for (const each of this.#known.living(kind)) {
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
      const absent = this.#known.livingBelow('comment', record.id).filter(({ id }) => !ids.has(id));
      run.counts.deletedUnresolved += absent.length;
    });
  }

  #removals(kind: RemovalKind): Removals {
    return removalsIn(this.#activity ?? [], kind, this.#task.run);
  }
}
