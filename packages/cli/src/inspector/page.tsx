import { type Counts, type Delivery, type Show, showNames } from '../listen/journal';
import type { ShownWebhook } from '../listen/webhook-state';
import { printable } from '../printable';
import { Detail, type DetailProps } from './detail';
import { Row } from './row';
import { addressOf, type View } from './view';
import { WebhookLine } from './webhook-line';

export interface PageProps {
  readonly deliveries: readonly Delivery[];
  /** Whether there are older deliveries. */
  readonly more: boolean;
  readonly counts: Counts;
  readonly events: readonly string[];
  readonly receiverUrl: string;
  /** The state of the webhook, if it is to be shown. */
  readonly webhook: ShownWebhook | undefined;
  readonly view: View;
  readonly detail: DetailProps | undefined;
}

const words: Readonly<Record<Show, string>> = {
  all: 'All',
  accepted: 'Genuine',
  backfilled: 'Read from the API',
  refused: 'Refused',
  repeated: 'Duplicates',
  drifted: 'With drift',
  failing: 'Failing in your app',
};

/** Renders the inspector's page. */
export function Page({ deliveries, more, counts, events, receiverUrl, webhook, view, detail }: PageProps) {
  const { filter } = view;
  const oldest = deliveries.at(-1)?.seq;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Deliveries from Blue</title>
        <link rel="stylesheet" href="/inspector.css" />
        <link rel="icon" type="image/svg+xml" href="/icon.svg" />
        <script type="module" src="/inspector.js"></script>
      </head>
      <body class={detail ? 'opened' : undefined}>
        <header>
          <h1>
            <a href="/">Deliveries</a>
          </h1>
          <p id="counts">{countsText(counts)}</p>
          <p id="state" role="status">
            reload to see new deliveries
          </p>
          {webhook ? <WebhookLine webhook={webhook} /> : null}
          <p class="receiver">
            Receiver <code>{receiverUrl}</code>
          </p>
          <form id="filter" method="get" action="/">
            <label>
              <span>Show</span>
              <select name="show">
                {showNames.map((name) => (
                  <option value={name === 'all' ? '' : name} selected={name === filter.show}>
                    {words[name]}
                  </option>
                ))}
              </select>
            </label>
            <label>
              <span>Event</span>
              <select name="event">
                <option value="">Any</option>
                {optionsOf(events, filter.event).map((name) => (
                  <option value={name} selected={name === filter.event}>
                    {printable(name, 60)}
                  </option>
                ))}
              </select>
            </label>
            <label>
              <span>Search</span>
              <input
                name="q"
                type="search"
                value={filter.query ?? ''}
                placeholder="title, id, text in the body"
                maxlength={200}
              />
            </label>
            <button type="submit">Find</button>
          </form>
        </header>
        <main>
          <nav aria-label="Deliveries">
            <ol id="list">
              {deliveries.map((delivery) => (
                <Row delivery={delivery} view={view} />
              ))}
            </ol>
            {deliveries.length === 0 ? (
              <p id="empty">{counts.all === 0 ? 'No deliveries yet.' : 'No deliveries match.'}</p>
            ) : null}
            <p class="pages">
              {filter.before === undefined ? null : (
                <a href={addressOf({ ...view, filter: { ...filter, before: undefined } })}>Newest</a>
              )}
              {more ? (
                <a rel="next" href={addressOf({ ...view, filter: { ...filter, before: oldest } })}>
                  Older
                </a>
              ) : null}
            </p>
          </nav>
          <div id="detail">{detail ? <Detail {...detail} /> : <Hint />}</div>
        </main>
      </body>
    </html>
  );
}

export function countsText({ all, refused, backfilled }: Counts): string {
  const read = backfilled === 0 ? '' : `, ${backfilled.toLocaleString('en')} read from the API`;
  return `${all.toLocaleString('en')} deliveries, ${refused.toLocaleString('en')} refused${read}`;
}

const optionsOf = (events: readonly string[], chosen: string | undefined): readonly string[] =>
  chosen === undefined || events.includes(chosen) ? events : [chosen, ...events];

function Hint() {
  const keys = [
    ['j', 'k', 'next and previous delivery'],
    ['/', '', 'search'],
    ['r', '', 'replay to your app'],
    ['c', '', 'copy as curl'],
    ['Esc', '', 'back to the list'],
  ] as const;
  return (
    <div class="hint">
      <p>Select a delivery to see what it changed.</p>
      <dl>
        {keys.map(([one, other, does]) => (
          <>
            <dt>
              <kbd>{one}</kbd> {other ? <kbd>{other}</kbd> : null}
            </dt>
            <dd>{does}</dd>
          </>
        ))}
      </dl>
    </div>
  );
}
