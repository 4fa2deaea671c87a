import type { EventName } from './index';
import { eventTables } from './tables';

/**
 * The names that Blue's API gives to records since it renamed them: `RECORD_MOVED` for `TODO_MOVED`. No delivery is known to carry
 * one, except the older `RECORD_CREATED`. A map, so that `constructor` and `__proto__` are names like any other.
 */
const aliases: ReadonlyMap<string, EventName> = /* @__PURE__ */ new Map(
  Object.keys(eventTables)
    .filter((name) => name.startsWith('TODO_'))
    .map((name) => [name.replace('TODO', 'RECORD'), name as EventName]),
);

/** Returns the name that this version knows the event of a payload by; `undefined` if its own name is the one. */
export function aliasedName(name: string, payload: Readonly<Record<string, unknown>>): EventName | undefined {
  if (name !== 'RECORD_CREATED') return aliases.get(name);
  const isOlderForm =
    Object.hasOwn(payload, 'record') || typeof payload.currentValue !== 'object' || !payload.currentValue;
  return isOlderForm ? undefined : 'TODO_CREATED';
}
