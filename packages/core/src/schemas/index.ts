/**
 * The schemas of Blue events and entities, for queues, routers and form builders. They are zod 4 (mini), and so Standard Schema.
 * The rest of the package imports neither this file nor zod: it uses the tables that are generated from here.
 */
import * as z from 'zod/mini';
import type { BlueEvent, EventMap, EventName, UnknownEvent } from '../events';
import { type Action, catalogue } from '../events/catalogue';
import * as entities from './entities';

export {
  checklist,
  checklistItem,
  comment,
  company,
  customField,
  project,
  tag,
  todo,
  todoList,
  user,
  webhook,
} from './entities';

const nullable = <T>(schema: z.ZodMiniType<T>) => z._default(z.nullable(schema), null);
/** `null` on an event for a field that its delivery omits. */
const absent = z._default(z.null(), null);

type Values = Record<'previousValue' | 'currentValue', z.ZodMiniType>;

const eventSchema = (name: string, values: Values, more: Record<string, z.ZodMiniType> = {}) =>
  z.looseObject({ event: z.literal(name), webhook: nullable(entities.webhook), ...more, ...values });

const valuesAfter = (action: Action, entity: z.ZodMiniType): Values =>
  ({
    created: { previousValue: absent, currentValue: entity },
    updated: { previousValue: nullable(entity), currentValue: entity },
    deleted: { previousValue: entity, currentValue: absent },
  })[action];

const entityOf = {
  Checklist: entities.checklist,
  ChecklistItem: entities.checklistItem,
  Comment: entities.comment,
  CustomField: entities.customField,
  Tag: entities.tag,
  Todo: entities.todo,
  TodoList: entities.todoList,
};
const nullish = <T>(schema: z.ZodMiniType<T>) => z.optional(z.nullable(schema));
const none: Values = { previousValue: absent, currentValue: absent };

/** The schema of each event by its name. It reads a delivery's JSON as well as an event: what it returns is the event. */
export const eventSchemas = {
  ...Object.fromEntries(
    Object.values(catalogue).flatMap(({ entity, events }) =>
      Object.entries(events).map(([name, action]) => [name, eventSchema(name, valuesAfter(action, entityOf[entity]))]),
    ),
  ),
  // Both documented forms: the older one has no `webhook`, and two fields more.
  CUSTOM_FIELD_DELETED: eventSchema('CUSTOM_FIELD_DELETED', valuesAfter('deleted', entities.customField), {
    projectId: nullish(z.string()),
    timestamp: nullish(z.string()),
  }),
  RECORD_CREATED: eventSchema('RECORD_CREATED', none, {
    record: entities.todo,
    company: nullish(entities.company),
    project: nullish(entities.project),
    user: nullish(entities.user),
  }),
  WEBHOOK_HEALTH_CHECK: eventSchema('WEBHOOK_HEALTH_CHECK', none),
} as unknown as { readonly [N in EventName]: z.ZodMiniType<EventMap[N]> };

/** A genuine delivery that this version has no type for. */
export const unknownEvent: z.ZodMiniType<UnknownEvent> = z.object({
  event: z.literal('UNKNOWN'),
  name: z.string(),
  payload: z.record(z.string(), z.unknown()),
  reason: z.enum(['UNKNOWN_NAME', 'IDENTITY_MISSING']),
});

/** Whatever `delivery.event` can be: one of the events, or `UNKNOWN`. */
export const blueEvent = z.discriminatedUnion('event', [
  ...Object.values(eventSchemas),
  unknownEvent,
] as never) as unknown as z.ZodMiniType<BlueEvent>;
