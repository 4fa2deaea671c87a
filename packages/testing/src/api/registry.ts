import type { WebhookRow } from '../rows/webhook';
import { ApiError } from './codes';

/** The subscription of a webhook, and its URL. */
export interface WebhookChanges {
  readonly name?: string | null | undefined;
  readonly url?: string | undefined;
  readonly events?: readonly string[] | undefined;
  readonly projectIds?: readonly string[] | undefined;
}

/** One webhook of the simulated Blue: its state and its deliveries. */
export interface WebhookLine {
  readonly webhook: WebhookRow;
  /** Sends the signed health check; enabled only if it passes. */
  enable(): Promise<WebhookRow>;
  /** Disables the webhook. */
  disable(status?: WebhookRow['status']): WebhookRow;
  /** @throws TypeError if the URL cannot be delivered to */
  configure(changes: WebhookChanges): void;
}

/** Creates a webhook that delivers like the first one. */
export type CreateLine = (webhook: {
  readonly id: string;
  readonly secret: string;
  readonly url: string;
  readonly name: string | null;
  readonly events: readonly string[];
  readonly projectIds: readonly string[];
  readonly createdById: string;
}) => WebhookLine;

/** The webhooks of the organisation, oldest first. */
export class Registry<Line extends WebhookLine> {
  readonly #lines = new Map<string, Line>();

  add(line: Line): void {
    this.#lines.set(line.webhook.id, line);
  }

  get lines(): readonly Line[] {
    return [...this.#lines.values()];
  }

  /** The number of webhooks that count towards the plan. */
  get enabled(): number {
    return this.lines.filter(({ webhook }) => webhook.enabled).length;
  }

  /** @throws ApiError WEBHOOK_NOT_FOUND */
  any(id: string): Line {
    const line = this.#lines.get(id);
    if (!line) throw new ApiError('WEBHOOK_NOT_FOUND', 'Webhook was not found.');
    return line;
  }

  /** @throws ApiError WEBHOOK_NOT_FOUND, FORBIDDEN if it belongs to another user */
  own(id: string, userId: string): Line {
    const line = this.any(id);
    if (line.webhook.createdById !== userId) throw new ApiError('FORBIDDEN', 'You are not authorized.');
    return line;
  }

  delete(id: string): void {
    this.#lines.get(id)?.disable();
    this.#lines.delete(id);
  }
}
