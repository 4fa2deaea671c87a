import type { DeliveryFacts } from '../delivery';
import type { PauseScope } from '../pauses';

/** What a visitor sees or does that an audit log should have. Contains no part of a body. */
export type DashboardAudit = {
  /** The visitor, as `authorize` named the visitor. */
  readonly who: string | undefined;
  readonly at: Date;
} & AuditedAction;

/** What is audited. */
export type AuditedAction =
  /** A body is shown, whole or as what it changed. */
  | { readonly type: 'view-body'; readonly delivery: DeliveryFacts }
  | { readonly type: 'replay'; readonly delivery: DeliveryFacts }
  | { readonly type: 'mark-dead'; readonly delivery: DeliveryFacts }
  | { readonly type: 'pause'; readonly scope: PauseScope; readonly reason: string }
  | { readonly type: 'resume'; readonly scope: PauseScope };

/** Reports an action before it happens. Rejects if it could not be reported, so that it does not happen. */
export type Audit = (action: AuditedAction) => Promise<void>;
