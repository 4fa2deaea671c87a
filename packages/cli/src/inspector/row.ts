import { html, type Markup } from '@blue-webhooks/inbox/page';
import { isAccepted } from '../listen/forward';
import type { Delivery } from '../listen/journal';
import { printable } from '../printable';
import { timeOf } from '../send/attempt-line';
import { addressOf, type View } from './view';

/** Renders a delivery in the list. */
export function rowOf(delivery: Delivery, view: View): Markup {
  const { seq, accepted, status, code, event, title, entityId, times, drifted, receivedAtMs, forwarded } = delivery;
  const current = view.open === seq ? html` aria-current="true"` : '';
  return html`<li id="row-${seq}" data-key="${seq}"><a href="${addressOf({ ...view, open: seq })}"${current}>
<time datetime="${new Date(receivedAtMs).toISOString()}">${timeOf(receivedAtMs)}</time>
<span class="badge ${accepted ? 'good' : 'bad'}">${status}</span>
<span class="event">${printable(event ?? 'no event', 60)}</span>
<span class="about">${printable(title ?? entityId ?? '', 80)}</span>
<span class="notes">${[
    code && !accepted && html`<span class="note bad">${code}</span>`,
    times > 1 && html`<span class="note">×${times}</span>`,
    drifted > 0 && html`<span class="note warn">drift</span>`,
    forwarded > 0 && appNote(delivery),
  ]}</span>
</a></li>
`;
}

function appNote({ appStatus, forwarded }: Delivery): Markup {
  const good = isAccepted({ status: appStatus });
  const times = forwarded > 1 ? ` ×${forwarded}` : '';
  return html`<span class="note ${good ? 'good' : 'warn'}">app ${appStatus ?? 'no response'}${times}</span>`;
}
