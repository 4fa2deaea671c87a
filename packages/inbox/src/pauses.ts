/** Which deliveries are paused: those that fulfil every condition; without a condition, all. */
export interface PauseScope {
  /** The event's name as it was sent, such as `TODO_MOVED`. Defaults to every event. */
  readonly event?: string | undefined;
  /** Defaults to every webhook. */
  readonly webhookId?: string | undefined;
}

/** What is paused, why, and who paused it. */
export interface PauseOptions extends PauseScope {
  /** Why, for everyone who finds the inbox paused: 1 to 1,000 characters. */
  readonly reason: string;
  /** Who, such as a name or a ticket: 1 to 200 characters. Defaults to nobody. */
  readonly by?: string | undefined;
}

/** A pause, as it is stored. */
export interface Pause {
  /** `undefined`: every event. */
  readonly event: string | undefined;
  /** `undefined`: every webhook. */
  readonly webhookId: string | undefined;
  readonly reason: string;
  readonly by: string | undefined;
  readonly since: Date;
}

/** A pause, as a row of a database: an empty event or webhook stands for every one. */
export interface PauseRow {
  readonly event: string;
  readonly webhook_id: string;
  readonly reason: string;
  readonly paused_by: string | null;
  readonly since: number;
}

/** Returns the pause of a row. */
export const toPause = ({ event, webhook_id, reason, paused_by, since }: PauseRow): Pause => ({
  event: event || undefined,
  webhookId: webhook_id || undefined,
  reason,
  by: paused_by ?? undefined,
  since: new Date(since),
});

/** Returns whether a pause applies to a delivery. */
export const applies = (pause: PauseScope, { event, webhookId }: PauseScope): boolean =>
  (pause.event === undefined || pause.event === event) &&
  (pause.webhookId === undefined || pause.webhookId === webhookId);
