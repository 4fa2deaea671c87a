import { WebhookError } from '@blue-webhooks/core';
import type { FullInboxDelivery } from '@blue-webhooks/inbox';
import { bodyOf, changesOf, facts, html, type Markup } from '@blue-webhooks/inbox/page';
import { parsed } from '../listen/claims';
import { isAccepted } from '../listen/forward';
import type { Forwarding, FullDelivery } from '../listen/journal';
import { printable } from '../printable';
import { timeOf } from '../send/attempt-line';
import { addressOf, type View } from './view';

/** What the page shows of one delivery. */
export interface ShownDetail {
  readonly delivery: FullDelivery;
  /** The entry in the inbox, if it is genuine. */
  readonly entry: FullInboxDelivery | undefined;
  readonly forward: URL | undefined;
  readonly view: View;
}

/** Renders one delivery. */
export function detailOf({ delivery, entry, forward, view }: ShownDetail): Markup {
  const { seq, event, title, body } = delivery;
  const payload = parsed(body);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
  const at = (what: string) => `/deliveries/${seq}/${what}`;
  return html`<article data-key="${seq}" aria-labelledby="heading">
<a class="back" href="${addressOf({ ...view, open: undefined })}">Back to the list</a>
<h2 id="heading" tabindex="-1"><span class="event">${printable(event ?? 'no event', 100)}</span> ${
    title ? html`<small>${printable(title, 120)}</small>` : ''
  }</h2>
${verdict(delivery)}
<p class="actions">
<a href="${at('curl')}" data-copy="curl" data-shortcut="c">Copy as curl</a>
${payload ? html`<a href="${at('fixture')}" data-copy="fixture">Copy as fixture</a>` : ''}
<a href="${at('body')}" data-copy="body">Copy body</a>
</p>
${payload && changesOf(payload)}
${driftOf(delivery)}
${factsOf(delivery, entry)}
${appOf(delivery, forward)}
${arrivalsOf(delivery)}
${headersOf(delivery)}
${bodyOf({ text, bytes: body.length, payload, href: at('body') })}
</article>`;
}

function verdict({ accepted, status, code }: FullDelivery): Markup {
  const reason = code === undefined ? undefined : new WebhookError(code).message;
  const because = reason ? `. ${code}: ${reason}` : '. The signature matches the body.';
  return html`<p class="verdict ${accepted ? 'good' : 'bad'}"><strong>${
    accepted ? 'Genuine' : 'Refused'
  }, response ${status}</strong>${because}</p>`;
}

function driftOf({ drift }: FullDelivery): Markup | undefined {
  if (drift.length === 0) return undefined;
  return html`<section>
<h3>Drift</h3>
<p>These fields do not have the documented type and are undefined on the typed event:</p>
<ul>
${drift.map(
  ({ path, expected }) => html`<li><code>${printable(path, 120)}</code>, documented as ${expected}</li>
`,
)}</ul>
</section>`;
}

function factsOf(delivery: FullDelivery, entry: FullInboxDelivery | undefined): Markup {
  const { key, entityId, webhookId, path, accepted } = delivery;
  const rows: [string, string | undefined][] = [
    ['Delivery', accepted ? key : undefined],
    ['Entity', entityId],
    ['Webhook', webhookId],
    ['Secret', entry?.secretId],
    ['Path', path],
    ['Inbox', entry && `${entry.state}${entry.attempts > 0 ? `, ${attempts(entry.attempts)}` : ''}`],
    ['Last error', entry?.lastError],
  ];
  return html`<section>
<h3>${accepted ? 'Facts' : 'Claims (not verified)'}</h3>
${facts(rows.map(([term, value]) => [term, value === undefined ? undefined : printable(value, 300)] as const))}
</section>`;
}

const attempts = (count: number) => `${count} ${count === 1 ? 'attempt' : 'attempts'}`;

function appOf({ seq, forwardings, accepted }: FullDelivery, forward: URL | undefined): Markup {
  return html`<section>
<h3>Your app</h3>
${
  forwardings.length === 0
    ? html`<p>${accepted ? 'Not forwarded.' : 'Refused deliveries are not forwarded.'}</p>`
    : html`<table>
<thead><tr><th scope="col">Time</th><th scope="col">Response</th><th scope="col">Duration</th><th scope="col">Target</th></tr></thead>
<tbody>
${forwardings.map(forwardingRow)}</tbody>
</table>`
}
<form method="post" action="/deliveries/${seq}/replay" data-shortcut="r">
<label for="target">Replay to</label>
<input id="target" name="target" type="url" required value="${
    forward?.href ?? ''
  }" placeholder="http://localhost:3000/webhooks/blue">
<button type="submit">Replay</button>
</form>
</section>`;
}

function forwardingRow(forwarding: Forwarding): Markup {
  const { atMs, status, error, answer, durationMs, target, replay } = forwarding;
  const said = printable(error ?? answer.trim().split('\n')[0] ?? '', 200);
  return html`<tr><td>${timeOf(atMs)}</td><td><span class="badge ${isAccepted(forwarding) ? 'good' : 'bad'}">${
    status ?? 'none'
  }</span> ${said}</td><td class="took">${Math.round(durationMs)} ms</td><td>${printable(target, 120)}${
    replay ? ' (replay)' : ''
  }</td></tr>
`;
}

function arrivalsOf({ arrivals, times }: FullDelivery): Markup {
  return html`<section>
<h3>${times === 1 ? 'Received once' : `Received ${times} times, byte for byte the same`}</h3>
<table>
<thead><tr><th scope="col">Time</th><th scope="col">Response</th><th scope="col">Duration</th></tr></thead>
<tbody>
${arrivals.map(({ receivedAtMs, status, durationMs }) => {
  const time = new Date(receivedAtMs).toISOString();
  return html`<tr><td><time datetime="${time}">${time}</time></td><td>${status}</td><td>${durationMs.toFixed(1)} ms</td></tr>
`;
})}</tbody>
</table>
</section>`;
}

function headersOf({ headers }: FullDelivery): Markup {
  return html`<details>
<summary>Headers</summary>
<dl class="headers">
${headers.map((name, place) =>
  place % 2 === 0
    ? html`<dt>${printable(name, 100)}</dt><dd>${printable(headers[place + 1] ?? '', 2_000)}</dd>
`
    : '',
)}</dl>
</details>`;
}
