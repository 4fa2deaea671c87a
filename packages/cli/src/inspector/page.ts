import { frameOf, html, type Markup, option } from '@blue-webhooks/inbox/page';
import { type Delivery, type Show, showNames } from '../listen/journal';
import { printable } from '../printable';
import { detailOf, type ShownDetail } from './detail';
import { rowOf } from './row';
import { addressOf, type View } from './view';

/** What the page shows. */
export interface ShownPage {
  readonly deliveries: readonly Delivery[];
  /** Whether there are older deliveries. */
  readonly more: boolean;
  readonly counts: { readonly all: number; readonly refused: number };
  readonly events: readonly string[];
  readonly receiverUrl: string;
  readonly view: View;
  readonly detail: ShownDetail | undefined;
  /** The result of the replay that was just requested. */
  readonly notice: string | undefined;
}

const words: Readonly<Record<Show, string>> = {
  all: 'All',
  accepted: 'Genuine',
  refused: 'Refused',
  repeated: 'Duplicates',
  drifted: 'With drift',
  failing: 'Failing in your app',
};

const keys = [
  ['j', 'k', 'next and previous delivery'],
  ['/', undefined, 'search'],
  ['r', undefined, 'replay to your app'],
  ['c', undefined, 'copy as curl'],
  ['Esc', undefined, 'back to the list'],
] as const;

/** Renders the inspector's page. */
export function pageOf(shown: ShownPage): Markup {
  const { deliveries, more, counts, receiverUrl, view, detail, notice } = shown;
  return frameOf({
    title: 'Deliveries from Blue',
    heading: 'Deliveries',
    home: '/',
    assets: { styles: '/page.css', script: '/page.js', icon: '/icon.svg' },
    updates: { eventsFrom: '/live' },
    counts: countsText(counts),
    aside: html`<p class="receiver">Receiver <code>${receiverUrl}</code></p>`,
    filter: filterOf(shown),
    rows: deliveries.map((delivery) => rowOf(delivery, view)),
    empty: counts.all === 0 ? 'No deliveries yet.' : 'No deliveries match.',
    pages: pagesOf(view, more ? deliveries.at(-1)?.seq : undefined),
    detail: detail && detailOf(detail),
    notice,
    keys,
  });
}

function filterOf({ view: { filter }, events }: ShownPage): Markup {
  return html`<form id="filter" method="get" action="/">
<label><span>Show</span> <select name="show">${showNames.map((name) =>
    option(name === 'all' ? '' : name, words[name], name === filter.show),
  )}</select></label>
<label><span>Event</span> <select name="event"><option value="">Any</option>${optionsOf(events, filter.event).map(
    (name) => option(name, printable(name, 60), name === filter.event),
  )}</select></label>
<label class="wide"><span>Search</span> <input name="q" type="search" value="${filter.query ?? ''}" placeholder="title, id, text in the body" maxlength="200"></label>
<button type="submit">Find</button>
</form>`;
}

function pagesOf({ filter, open }: View, oldest: number | undefined): readonly (Markup | undefined)[] {
  const to = (before: number | undefined) => addressOf({ open, filter: { ...filter, before } });
  return [
    filter.before === undefined ? undefined : html`<a href="${to(undefined)}">Newest</a>`,
    oldest === undefined ? undefined : html`<a rel="next" href="${to(oldest)}">Older</a>`,
  ];
}

/** Returns the counts as a sentence. */
export const countsText = ({ all, refused }: ShownPage['counts']): string =>
  `${all.toLocaleString('en')} deliveries, ${refused.toLocaleString('en')} refused`;

const optionsOf = (events: readonly string[], chosen: string | undefined): readonly string[] =>
  chosen === undefined || events.includes(chosen) ? events : [chosen, ...events];
