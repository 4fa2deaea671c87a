import { isAccepted } from '../listen/forward';
import type { Delivery } from '../listen/journal';
import { printable } from '../printable';
import { timeOf } from '../send/attempt-line';
import { addressOf, type View } from './view';

/** Renders a delivery in the list. */
export function Row({ delivery, view }: { delivery: Delivery; view: View }) {
  const { seq, accepted, backfilled, status, code, event, title, entityId, times, drifted, receivedAtMs } = delivery;
  const isOpen = view.open === seq;
  return (
    <li id={`row-${seq}`} data-seq={seq}>
      <a href={addressOf({ ...view, open: seq })} aria-current={isOpen ? 'true' : undefined}>
        <time datetime={new Date(receivedAtMs).toISOString()}>{timeOf(receivedAtMs)}</time>
        {backfilled ? (
          <span class="badge api">API</span>
        ) : (
          <span class={`badge ${accepted ? 'good' : 'bad'}`}>{status}</span>
        )}
        <span class="event">{printable(event ?? 'no event', 60)}</span>
        <span class="about">{printable(title ?? entityId ?? '', 80)}</span>
        <span class="notes">
          {code && !accepted ? <span class="note bad">{code}</span> : null}
          {times > 1 ? <span class="note">×{times}</span> : null}
          {drifted > 0 ? <span class="note warn">drift</span> : null}
          {backfilled ? <span class="note api">backfill</span> : null}
          {delivery.forwarded > 0 ? <AppNote delivery={delivery} /> : null}
        </span>
      </a>
    </li>
  );
}

function AppNote({ delivery: { appStatus, forwarded } }: { delivery: Delivery }) {
  const good = isAccepted({ status: appStatus });
  return (
    <span class={`note ${good ? 'good' : 'warn'}`}>
      app {appStatus ?? 'no response'}
      {forwarded > 1 ? ` ×${forwarded}` : ''}
    </span>
  );
}
