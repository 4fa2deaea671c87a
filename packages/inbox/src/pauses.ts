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

/** Returns whether a pause applies to a delivery. */
export const applies = (pause: PauseScope, { event, webhookId }: PauseScope): boolean =>
  (pause.event === undefined || pause.event === event) &&
  (pause.webhookId === undefined || pause.webhookId === webhookId);
