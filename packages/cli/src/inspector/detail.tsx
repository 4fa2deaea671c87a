import { WebhookError } from '@blue-webhooks/core';
import type { FullInboxDelivery } from '@blue-webhooks/inbox';
import { parsed } from '../listen/claims';
import { isAccepted } from '../listen/forward';
import type { FullDelivery } from '../listen/journal';
import { printable } from '../printable';
import { timeOf } from '../send/attempt-line';
import { Changes } from './changes';
import { addressOf, type View } from './view';

const MAX_SHOWN = 200_000;

export interface DetailProps {
  readonly delivery: FullDelivery;
  /** The entry in the inbox, if it is genuine. */
  readonly entry: FullInboxDelivery | undefined;
  readonly forward: URL | undefined;
  readonly view: View;
  /** The result of the replay that was just requested. */
  readonly notice?: string | undefined;
}

/** Renders one delivery. */
export function Detail({ delivery, entry, forward, view, notice }: DetailProps) {
  const { seq, event, title, accepted, drift, body } = delivery;
  const payload = parsed(body);
  return (
    <article data-seq={seq} aria-labelledby="heading">
      <a class="back" href={addressOf({ ...view, open: undefined })}>
        Back to the list
      </a>
      <h2 id="heading">
        <span class="event">{printable(event ?? 'no event', 100)}</span>{' '}
        {title ? <small>{printable(title, 120)}</small> : null}
      </h2>
      <Verdict delivery={delivery} />
      {notice ? (
        <p class="notice" role="status">
          {printable(notice, 300)}
        </p>
      ) : null}
      <p class="actions">
        <a href={`/deliveries/${seq}/curl`} data-copy="curl">
          Copy as curl
        </a>
        {payload ? (
          <a href={`/deliveries/${seq}/fixture`} data-copy="fixture">
            Copy as fixture
          </a>
        ) : null}
        <a href={`/deliveries/${seq}/body`} data-copy="body">
          Copy body
        </a>
      </p>
      {payload ? <Changes payload={payload} /> : null}
      {drift.length > 0 ? (
        <section>
          <h3>Drift</h3>
          <p>These fields do not have the documented type and are undefined on the typed event:</p>
          <ul>
            {drift.map(({ path, expected }) => (
              <li>
                <code>{printable(path, 120)}</code>, documented as {expected}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <Facts delivery={delivery} entry={entry} />
      <App delivery={delivery} entry={entry} forward={forward} accepted={accepted} />
      {delivery.backfilled ? null : <Arrivals delivery={delivery} />}
      <Headers delivery={delivery} />
      <Body seq={seq} body={body} payload={payload} />
    </article>
  );
}

function Verdict({ delivery: { accepted, backfilled, status, code } }: { delivery: FullDelivery }) {
  if (backfilled) {
    return (
      <p class="verdict api">
        <strong>Backfill</strong>. It did not arrive: catch-up has read it from Blue's API. Rows are partial, and only
        their ids can be relied on.
      </p>
    );
  }
  const reason = code === undefined ? undefined : new WebhookError(code).message;
  return (
    <p class={`verdict ${accepted ? 'good' : 'bad'}`}>
      <strong>
        {accepted ? 'Genuine' : 'Refused'}, response {status}
      </strong>
      {reason ? `. ${code}: ${reason}` : '. The signature matches the body.'}
    </p>
  );
}

function Facts({ delivery, entry }: { delivery: FullDelivery; entry: FullInboxDelivery | undefined }) {
  const { key, entityId, webhookId, path, accepted } = delivery;
  const facts: [string, string | undefined][] = [
    ['Delivery', accepted ? key : undefined],
    ['Entity', entityId],
    ['Webhook', webhookId],
    ['Secret', entry?.secretId],
    ['Path', path || undefined],
    ['Inbox', entry && `${entry.state}${entry.attempts > 0 ? `, ${attempts(entry.attempts)}` : ''}`],
    ['Last error', entry?.lastError],
  ];
  return (
    <section>
      <h3>{accepted ? 'Facts' : 'Claims (not verified)'}</h3>
      <dl>
        {facts.map(([name, value]) =>
          value === undefined ? null : (
            <>
              <dt>{name}</dt>
              <dd>{printable(value, 300)}</dd>
            </>
          ),
        )}
      </dl>
    </section>
  );
}

const attempts = (count: number) => `${count} ${count === 1 ? 'attempt' : 'attempts'}`;

function App({
  delivery: { seq, forwardings },
  forward,
  accepted,
}: {
  delivery: FullDelivery;
  entry: FullInboxDelivery | undefined;
  forward: URL | undefined;
  accepted: boolean;
}) {
  return (
    <section>
      <h3>Your app</h3>
      {forwardings.length === 0 ? (
        <p>{accepted ? 'Not forwarded.' : 'Refused deliveries are not forwarded.'}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Response</th>
              <th scope="col">Duration</th>
              <th scope="col">Target</th>
            </tr>
          </thead>
          <tbody>
            {forwardings.map((forwarding) => (
              <tr>
                <td>{timeOf(forwarding.atMs)}</td>
                <td>
                  <span class={`badge ${isAccepted(forwarding) ? 'good' : 'bad'}`}>{forwarding.status ?? 'none'}</span>{' '}
                  {printable(forwarding.error ?? forwarding.answer.trim().split('\n')[0] ?? '', 200)}
                </td>
                <td class="took">{Math.round(forwarding.durationMs)} ms</td>
                <td>
                  {printable(forwarding.target, 120)}
                  {forwarding.replay ? ' (replay)' : ''}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <form method="post" action={`/deliveries/${seq}/replay`}>
        <label for="target">Replay to</label>
        <input
          id="target"
          name="target"
          type="url"
          required
          value={forward?.href ?? ''}
          placeholder="http://localhost:3000/webhooks/blue"
        />
        <button type="submit">Replay</button>
      </form>
    </section>
  );
}

function Arrivals({ delivery: { arrivals, times } }: { delivery: FullDelivery }) {
  return (
    <section>
      <h3>{times === 1 ? 'Received once' : `Received ${times} times, byte for byte the same`}</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Response</th>
            <th scope="col">Duration</th>
          </tr>
        </thead>
        <tbody>
          {arrivals.map(({ receivedAtMs, status, durationMs }) => (
            <tr>
              <td>
                <time datetime={new Date(receivedAtMs).toISOString()}>{new Date(receivedAtMs).toISOString()}</time>
              </td>
              <td>{status}</td>
              <td>{durationMs.toFixed(1)} ms</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Headers({ delivery: { headers, backfilled } }: { delivery: FullDelivery }) {
  return (
    <details>
      <summary>{backfilled ? 'Headers, as listen sends them to your app' : 'Headers'}</summary>
      <dl class="headers">
        {headers.map((name, place) =>
          place % 2 === 0 ? (
            <>
              <dt>{printable(name, 100)}</dt>
              <dd>{printable(headers[place + 1] ?? '', 2_000)}</dd>
            </>
          ) : null,
        )}
      </dl>
    </details>
  );
}

function Body({ seq, body, payload }: { seq: number; body: Uint8Array; payload: object | undefined }) {
  const text = Buffer.from(body).toString();
  const formatted = payload && body.length <= MAX_SHOWN ? formattedOf(payload) : undefined;
  return (
    <>
      {formatted === undefined ? null : (
        <details open>
          <summary>Body, formatted</summary>
          <pre tabindex={0}>{formatted}</pre>
        </details>
      )}
      <details open={formatted === undefined}>
        <summary>Body, as it arrived ({body.length.toLocaleString('en')} bytes)</summary>
        <pre tabindex={0}>{legible(text.slice(0, MAX_SHOWN))}</pre>
        {text.length > MAX_SHOWN ? <a href={`/deliveries/${seq}/body`}>Show all</a> : null}
      </details>
    </>
  );
}

function formattedOf(payload: object): string | undefined {
  try {
    return legible(JSON.stringify(payload, null, 2));
  } catch {
    return undefined; // nested too deeply
  }
}

const legible = (text: string) => text.replace(/[^\n\t]+/g, (part) => printable(part));
