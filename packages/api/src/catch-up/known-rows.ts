import type { KnownEntity, KnownStore } from './known';
import type { Kind } from './rows';

const kinds: readonly Kind[] = ['record', 'list', 'tag', 'customField', 'checklist', 'checklistItem', 'comment'];

/** The last known rows of one workspace, in memory, by kind and by parent. */
export class KnownRows {
  readonly #byKind = new Map<Kind, Map<string, KnownEntity>>(kinds.map((kind) => [kind, new Map()]));
  /** Ids, by the kind of the row and the id of its parent. An id stays where its row once was. */
  readonly #below = new Map<string, Set<string>>();

  /** Reads the rows of a workspace from a store. */
  static async read(store: KnownStore, projectId: string): Promise<KnownRows> {
    const rows = new KnownRows();
    for (const kind of kinds) for (const entity of await store.list(kind, projectId)) rows.set(entity);
    return rows;
  }

  set(entity: KnownEntity): void {
    this.of(entity.kind).set(entity.id, entity);
    const key = `${entity.kind} ${entity.parentId}`;
    this.#below.set(key, (this.#below.get(key) ?? new Set()).add(entity.id));
  }

  /** All rows of a kind by id, deleted ones among them. */
  of(kind: Kind): Map<string, KnownEntity> {
    return this.#byKind.get(kind) as Map<string, KnownEntity>;
  }

  /** The rows of a kind that are not deleted. */
  living(kind: Kind): KnownEntity[] {
    return [...this.of(kind).values()].filter(isLiving);
  }

  /** The rows of a kind below a parent that are not deleted. */
  livingBelow(kind: Kind, parentId: string): KnownEntity[] {
    const below = [...(this.#below.get(`${kind} ${parentId}`) ?? [])].flatMap((id) => this.of(kind).get(id) ?? []);
    return below.filter((each) => each.parentId === parentId && isLiving(each));
  }
}

const isLiving = ({ deletedAtMs }: KnownEntity): boolean => deletedAtMs === undefined;
