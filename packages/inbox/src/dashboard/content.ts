import { entityIn, isObject } from '@blue-webhooks/core/adapter';
import type { FullInboxDelivery } from '../delivery';
import { bodyOf } from '../page/body';
import { changesOf, changeTable } from '../page/changes';
import { html, type Markup } from '../page/markup';
import { printable } from '../page/printable';
import { timeOf } from './times';
import { addressOf, type View } from './view';

/** Renders what an event changed, against its own previous value and against the previous delivery of the entity, and its body. */
export function contentOf(
  { id, rawBody }: FullInboxDelivery,
  previous: FullInboxDelivery | undefined,
  view: View,
): Markup {
  const payload = parsed(rawBody);
  const href = addressOf({ open: id }, { raw: '1' });
  return html`<div id="content" tabindex="-1">
${payload && changesOf(payload)}
${previous && sincePrevious(payload, previous, view)}
<p class="actions"><a href="${href}" data-copy="body">Copy body</a></p>
${bodyOf({ text: rawBody, bytes: new TextEncoder().encode(rawBody).length, payload, href })}
</div>`;
}

/** Renders a link in place of the content: each view of it is audited. */
export const contentLink = (id: string, view: View): Markup => html`<div id="content" tabindex="-1">
<p class="actions"><a href="${addressOf({ ...view, open: id }, { body: '1' })}" data-load="content">Show the body and what changed</a></p>
</div>`;

/** Shows changes that the event itself does not report: a delivery between the two was missed, or they arrived in another order. */
function sincePrevious(
  payload: Record<string, unknown> | undefined,
  { id, event, receivedAt, rawBody }: FullInboxDelivery,
  view: View,
): Markup | undefined {
  const before = parsed(rawBody);
  if (!payload || !before) return undefined;
  return changeTable({
    id: 'since-previous',
    heading: 'Since the previous delivery of this entity',
    note: html`<p><a href="${addressOf({ ...view, open: id })}">${printable(event, 60)}</a>, received ${timeOf(receivedAt)}</p>`,
    previous: entityIn(before),
    current: entityIn(payload),
  });
}

function parsed(rawBody: string): Record<string, unknown> | undefined {
  try {
    const payload: unknown = JSON.parse(rawBody);
    return isObject(payload) ? payload : undefined;
  } catch {
    return undefined;
  }
}
