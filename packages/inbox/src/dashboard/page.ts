import { deliveryStates } from '../delivery';
import { frameOf, option } from '../page/frame';
import { html, type Markup } from '../page/markup';
import { printable } from '../page/printable';
import type { Pause } from '../pauses';
import type { InboxPage, InboxStats } from '../store';
import type { Visitor } from './access';
import { overviewOf, pauseForm } from './overview';
import type { Recent } from './recent';
import { rowOf } from './row';
import { addressOf, type View } from './view';

/** What the page shows. */
export interface ShownPage {
  readonly stats: InboxStats;
  readonly paused: readonly Pause[];
  readonly recent: Recent | undefined;
  readonly list: InboxPage;
  readonly view: View;
  readonly visitor: Visitor;
  readonly detail: Markup | undefined;
}

const REFRESH_EVERY_MS = 5_000;

const keys = [
  ['j', 'k', 'next and previous delivery'],
  ['/', undefined, 'filter'],
  ['Esc', undefined, 'back to the list'],
] as const;

/** Renders the dashboard. */
export function pageOf({ stats, paused, recent, list, view, visitor, detail }: ShownPage): Markup {
  const { mayAct, who } = visitor;
  const total = deliveryStates.reduce((sum, state) => sum + stats[state], 0);
  return frameOf({
    title: 'Inbox of Blue deliveries',
    heading: 'Inbox',
    home: '?',
    assets: { styles: '?asset=styles', script: '?asset=script', icon: '?asset=icon' },
    updates: { everyMs: REFRESH_EVERY_MS },
    counts: `${total.toLocaleString('en')} ${total === 1 ? 'delivery' : 'deliveries'}, times in UTC`,
    aside: html`<p class="receiver">${who === undefined ? '' : html`${printable(who)}, `}${mayAct ? 'may act' : 'may look'}</p>`,
    filter: filterOf(view),
    overview: overviewOf({ stats, recent, paused, view, mayAct }),
    controls: mayAct && pauseForm(),
    rows: list.deliveries.map((delivery) => rowOf(delivery, view)),
    empty: total === 0 ? 'No deliveries yet.' : 'No deliveries match.',
    pages: pagesOf(view, list.cursor),
    detail,
    keys,
  });
}

const filterOf = ({ state, event, entityId }: View): Markup => html`<form id="filter" method="get" action="?">
<label><span>State</span> <select name="state">${option('', 'Any', state === undefined)}${deliveryStates.map((name) =>
  option(name, name, name === state),
)}</select></label>
<label><span>Event</span> <input name="event" type="search" value="${event}" placeholder="such as TODO_MOVED" maxlength="200" autocomplete="off"></label>
<label class="wide"><span>Entity</span> <input name="entity" type="search" value="${entityId}" placeholder="id of a record, a comment, a list …" maxlength="200" autocomplete="off"></label>
<button type="submit">Find</button>
</form>`;

function pagesOf(view: View, cursor: string | undefined): readonly (Markup | undefined)[] {
  const to = (before: string | undefined) => addressOf({ ...view, open: undefined, before });
  return [
    view.before === undefined ? undefined : html`<a href="${to(undefined)}">Newest</a>`,
    cursor === undefined ? undefined : html`<a rel="next" href="${to(cursor)}">Older</a>`,
  ];
}
