import type { RowColumns } from './workspace';

/** The webhook's own configuration. */
export type WebhookRow = RowColumns & {
  name: string | null;
  url: string;
  /** Blank, as in older deliveries, or absent: deliveries never contain the secret. */
  secret?: '';
  status: 'HEALTHY' | 'UNHEALTHY';
  enabled: boolean;
  metadata: { events: string[]; projectIds: string[] };
  createdById: string;
};

export function webhookRow(columns: Omit<WebhookRow, 'secret'>): WebhookRow {
  const { id, uid, name, url, status, enabled, metadata, createdById, createdAt, updatedAt } = columns;
  return { id, uid, name, url, secret: '', status, enabled, metadata, createdById, createdAt, updatedAt };
}
