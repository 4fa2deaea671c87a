import { html, type Markup } from '@blue-webhooks/inbox/page';
import type { ShownWebhook } from '../listen/webhook-state';
import { printable } from '../printable';
import { timeOf } from '../send/attempt-line';

const kinds: Readonly<Record<string, string>> = { healthy: 'good', off: 'bad', gone: 'bad', reading: '', unknown: '' };

/** Renders the state of the webhook, as Blue's API shows it. */
export function webhookLine({ webhookId, name, state, message, atMs }: ShownWebhook): Markup {
  return html`<p id="webhook">Webhook <code>${printable(name ?? webhookId, 60)}</code> <span class="badge ${kinds[state] ?? 'warn'}">${state}</span> ${
    state !== 'healthy' && printable(message, 200)
  } ${state !== 'reading' && html`<time datetime="${new Date(atMs).toISOString()}">${timeOf(atMs)}</time>`}</p>`;
}
