import { Budget } from './budget';
import type { Clock } from './clock';
import type { Features } from './features';

/** The state that all clients of one token share in a process. */
export interface Shared {
  readonly budget: Budget;
  /** The features of the schema, once detected. */
  features: Features | undefined;
}

const registry = Symbol.for('@blue-webhooks/api shared state of tokens, version 1');
type Registry = WeakMap<Clock, Map<string, Shared>>;

/** Kept on `globalThis`, so that two copies of this package (ESM and CommonJS) do not spend the budget twice. */
export function sharedBy(clock: Clock, tokenId: string, endpoint: string): Shared {
  const holder = globalThis as { [registry]?: Registry };
  holder[registry] ??= new WeakMap();
  const byClock = holder[registry];
  const byToken = byClock.get(clock) ?? new Map<string, Shared>();
  byClock.set(clock, byToken);
  const key = `${endpoint} ${tokenId}`;
  const shared = byToken.get(key) ?? { budget: new Budget(clock), features: undefined };
  byToken.set(key, shared);
  return shared;
}
