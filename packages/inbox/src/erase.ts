import type { FullInboxDelivery } from './delivery';
import { requireErasable, requireErase, requireId } from './queries';
import { flag } from './settings';
import type { EraseSelection, Erasure, InboxPage, ListQuery } from './store';

/** What an inbox erases: the deliveries that fulfil every condition, of which there is at least one. */
export interface EraseOptions {
  /** Those about this record, comment, list … */
  readonly entityId?: string | undefined;
  /** Those of this webhook. */
  readonly webhookId?: string | undefined;
  /** This delivery. */
  readonly id?: string | undefined;
  /**
   * Whether to erase the deliveries about other entities whose body names `entityId`, too, such as those about the comments of a record,
   * which contain its title. Reads every stored body. Defaults to `false`.
   */
  readonly mentions?: boolean | undefined;
}

/** Deletes deliveries in every state. */
export type Erase = (options: EraseOptions) => Promise<Erasure>;

/** What erasing needs of an inbox. */
export interface Erasable {
  erase(selection: EraseSelection): Promise<Erasure>;
  list(query: ListQuery): Promise<InboxPage>;
  get(id: string): Promise<FullInboxDelivery | undefined>;
}

const PAGE = 500;

/** Creates the function that erases deliveries. */
export function createErase(store: Erasable, onErased: () => void = () => {}): Erase {
  async function mentioning(entityId: string): Promise<readonly string[]> {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list({ limit: PAGE, ...(cursor !== undefined && { cursor }) });
      for (const { id } of page.deliveries) if (mentions((await store.get(id))?.rawBody ?? '', entityId)) ids.push(id);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return ids;
  }

  return async (options) => {
    const { mentions: alsoMentioning, ...selection } = requireOptions(options);
    const first = await store.erase(selection);
    const ids = alsoMentioning ? await mentioning(selection.entityId as string) : [];
    const second = ids.length > 0 ? await store.erase({ ids }) : { erased: 0, active: 0 };
    onErased();
    return { erased: first.erased + second.erased, active: first.active + second.active };
  };
}

/** Whether a body contains an id as a value, which may be written with escapes. It is not parsed: it can be nested without limit. */
function mentions(rawBody: string, entityId: string): boolean {
  const unescaped = () =>
    rawBody.replace(/\\(?:u([0-9a-f]{4})|(.))/gi, (_, unit: string | undefined, character: string) =>
      unit === undefined ? character : String.fromCharCode(Number.parseInt(unit, 16)),
    );
  return rawBody.includes(`"${entityId}"`) || (rawBody.includes('\\') && unescaped().includes(`"${entityId}"`));
}

function requireOptions(options: unknown): EraseSelection & { readonly mentions: boolean } {
  requireErasable(options);
  const { id, entityId, webhookId, mentions: given = false } = options as EraseOptions;
  const checked = requireErase({ ids: id === undefined ? undefined : [requireId(id)], entityId, webhookId });
  if (flag('mentions', given) && (entityId === undefined || id !== undefined || webhookId !== undefined)) {
    throw new TypeError('mentions needs entityId, and no other condition: inbox.erase({ entityId, mentions: true }).');
  }
  return { ...checked, mentions: given };
}
