import type { InboxDelivery } from '../delivery';
import { html, type Markup } from '../page/markup';
import { printable } from '../page/printable';
import { shortTimeOf, timeOf } from './times';
import { addressOf, type View } from './view';

/** Renders a delivery in the list. */
export function rowOf(delivery: InboxDelivery, view: View): Markup {
  const { id, event, entityId, receivedAt, attempts, retryAt, lastError, state } = delivery;
  const current = view.open === id ? html` aria-current="true"` : '';
  return html`<li id="row-${id}" data-key="${id}"><a href="${addressOf({ ...view, open: id })}"${current}>
${shortTimeOf(receivedAt)}
<span class="badge ${toneOf(delivery)}">${state}</span>
<span class="event">${printable(event, 60)}</span>
<span class="about">${printable(entityId ?? '', 80)}</span>
<span class="notes">${[
    attempts > 1 && html`<span class="note">${attempts} attempts</span>`,
    retryAt && html`<span class="note warn">due ${timeOf(retryAt)}</span>`,
  ]}</span>
${hasFailed(delivery) && lastError !== undefined ? html`<span class="error">${printable(lastError, 120)}</span>` : ''}
</a></li>
`;
}

/** Returns whether the last attempt failed, and none has succeeded since. */
export const hasFailed = ({ state, lastError }: InboxDelivery): boolean =>
  state === 'dead' || (lastError !== undefined && state !== 'done' && state !== 'skipped');

/** Returns the class of a delivery's badge. */
export function toneOf(delivery: InboxDelivery): string {
  if (delivery.state === 'dead') return 'bad';
  if (delivery.state === 'done') return 'good';
  return hasFailed(delivery) ? 'warn' : '';
}
