import { kindOf } from '@blue-webhooks/core/adapter';

/** What a visitor may do: `'look'` at the inbox, or also `'act'`: replay, mark as dead, pause and resume. */
export type DashboardRole = 'look' | 'act';

/** Who a visitor is, and what the visitor may do. */
export interface DashboardAccess {
  readonly role: DashboardRole;
  /** Who, for `onAudit` and as `by` of a pause: a name or an id, of which 200 characters are kept. Defaults to nobody. */
  readonly who?: string | undefined;
  /** Whether the visitor may see bodies, and what an event changed. Defaults to `true` for `'act'` and `false` for `'look'`. */
  readonly bodies?: boolean | undefined;
}

/** What `authorize` answers: a role, or who has it. Anything false is answered 403. */
export type DashboardAuthorization = DashboardRole | DashboardAccess | false | null | undefined;

/** A visitor who may see the page. */
export interface Visitor {
  readonly mayAct: boolean;
  readonly maySeeBodies: boolean;
  readonly who: string | undefined;
}

const MAX_WHO_LENGTH = 200;

/**
 * Returns the visitor whom an answer of `authorize` admits, `undefined` if it admits nobody.
 * @throws TypeError for an answer that is not a role, such as `true`
 */
export function visitorOf(answer: unknown): Visitor | undefined {
  if (answer === undefined || answer === null || answer === false) return undefined;
  const { role, who, bodies } = typeof answer === 'object' ? (answer as Partial<DashboardAccess>) : { role: answer };
  if (role !== 'look' && role !== 'act') {
    const got = typeof answer === 'object' ? `role as ${kindOf(role)}` : kindOf(answer);
    throw new TypeError(`authorize must return 'look', 'act', { role, who, bodies } or undefined, got ${got}.`);
  }
  if (who !== undefined && typeof who !== 'string') throw new TypeError(`who must be a string, got ${kindOf(who)}.`);
  if (bodies !== undefined && typeof bodies !== 'boolean') {
    throw new TypeError(`bodies must be true or false, got ${kindOf(bodies)}.`);
  }
  const mayAct = role === 'act';
  return { mayAct, maySeeBodies: bodies ?? mayAct, who: who?.trim().slice(0, MAX_WHO_LENGTH) || undefined };
}
