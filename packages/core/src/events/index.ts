import { catalogue, type EntityMap } from './catalogue';
import type { Company, CustomField, Project, Todo, User, WebhookConfiguration } from './entities';
import { eventTables } from './tables';

type Catalogue = typeof catalogue;
/** A key of `eventNames`: the events that carry the same entity. */
export type EventFamily = keyof Catalogue;
type NamesIn<F extends EventFamily> = keyof Catalogue[F]['events'] & string;
type FamilyOf = { [F in EventFamily as NamesIn<F>]: F };
type ActionOf<N extends keyof FamilyOf> = Catalogue[FamilyOf[N]]['events'][N & keyof Catalogue[FamilyOf[N]]['events']];

interface Envelope<Name extends string> {
  readonly event: Name;
  /** The webhook's own configuration, never its secret; `null` where a delivery omits it. */
  readonly webhook: WebhookConfiguration | null;
}

/** An event whose entity is new: there is nothing before it. */
export interface CreatedEvent<Name extends string, Entity> extends Envelope<Name> {
  readonly previousValue: null;
  readonly currentValue: Entity;
}

/** An event that changed its entity. */
export interface UpdatedEvent<Name extends string, Entity> extends Envelope<Name> {
  /** The entity before; `null` where a delivery omits it. */
  readonly previousValue: Entity | null;
  readonly currentValue: Entity;
}

/** An event whose entity is gone: what it was is the previous value. */
export interface DeletedEvent<Name extends string, Entity> extends Envelope<Name> {
  readonly previousValue: Entity;
  readonly currentValue: null;
}

/** The older documented form of `CUSTOM_FIELD_DELETED`: `event.webhook === null` narrows to it. */
export interface OlderCustomFieldDeletedEvent {
  readonly event: 'CUSTOM_FIELD_DELETED';
  readonly webhook: null;
  readonly projectId?: string | null | undefined;
  /** ISO 8601. */
  readonly timestamp?: string | null | undefined;
  readonly previousValue: CustomField;
  readonly currentValue: null;
}

/** A record's creation in the form that some pages of Blue show instead of `TODO_CREATED`. */
export interface RecordCreatedEvent extends Envelope<'RECORD_CREATED'> {
  readonly record: Todo;
  readonly company?: Company | null | undefined;
  readonly project?: Project | null | undefined;
  readonly user?: User | null | undefined;
  readonly previousValue: null;
  readonly currentValue: null;
}

/** Sent before a webhook is switched on again; acknowledged by itself. */
export interface HealthCheckEvent extends Envelope<'WEBHOOK_HEALTH_CHECK'> {
  readonly previousValue: null;
  readonly currentValue: null;
}

/** A genuine delivery that this version has no type for. It is acknowledged, and offered to `onUnknown`. */
export interface UnknownEvent {
  readonly event: 'UNKNOWN';
  /** The event's name on the wire. */
  readonly name: string;
  /** The body as parsed, without `webhook.secret`. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Whether the name is not in the catalogue, or the entity lacks what identifies it (`id`, for some also `title` or `name`). */
  readonly reason: 'UNKNOWN_NAME' | 'IDENTITY_MISSING';
}

type EventAfter<A, N extends string, Entity> = A extends 'created'
  ? CreatedEvent<N, Entity>
  : A extends 'deleted'
    ? DeletedEvent<N, Entity>
    : UpdatedEvent<N, Entity>;

type CatalogueEvents = {
  [N in keyof FamilyOf]: EventAfter<ActionOf<N>, N, EntityMap[Catalogue[FamilyOf[N]]['entity']]>;
};

/** From an event's name to its type. */
export interface EventMap extends Omit<CatalogueEvents, 'CUSTOM_FIELD_DELETED'> {
  CUSTOM_FIELD_DELETED:
    | (CatalogueEvents['CUSTOM_FIELD_DELETED'] & { readonly webhook: WebhookConfiguration })
    | OlderCustomFieldDeletedEvent;
  RECORD_CREATED: RecordCreatedEvent;
  WEBHOOK_HEALTH_CHECK: HealthCheckEvent;
}

/** A name that `on` accepts: the 37 of the catalogue, the older `RECORD_CREATED`, and the health check. */
export type EventName = keyof EventMap;

/** The event of a name, `EventOf<'TODO_MOVED'>`; of several, their union. */
export type EventOf<N extends EventName> = EventMap[N];

/** Anything that a verified delivery can be; `switch (event.event)` narrows. */
export type BlueEvent = EventMap[EventName] | UnknownEvent;

/** The names of each family, for `receiver.on(eventNames.comment, …)`. */
export const eventNames = Object.fromEntries(
  Object.entries(catalogue).map(([name, { events }]) => [name, Object.freeze(Object.keys(events))]),
) as { readonly [F in EventFamily]: readonly NamesIn<F>[] };

/** Whether `on` accepts this name: an own key, since `constructor` and `__proto__` are names like any other. */
export const isEventName = (name: string): name is EventName => Object.hasOwn(eventTables, name);

/** Every name that `on` accepts. */
export const allEventNames = Object.keys(eventTables) as readonly EventName[];
