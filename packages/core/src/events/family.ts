/** What an event did to its entity; decides which of `previousValue` and `currentValue` it carries. */
export type Action = 'created' | 'updated' | 'deleted';

/** Events that carry the same entity: one row an event, its name on the wire and its action. */
export function family<Entity, const Rows extends Record<string, Action>>(entity: Entity, events: Rows) {
  return { entity, events };
}
