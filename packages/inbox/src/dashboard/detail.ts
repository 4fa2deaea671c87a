import type { DeliveryState, FullInboxDelivery } from '../delivery';
import { facts } from '../page/frame';
import { html, type Markup } from '../page/markup';
import { legible, printable } from '../page/printable';
import { contentLink } from './content';
import { toneOf } from './row';
import { timeOf } from './times';
import { addressOf, type View } from './view';

/** What the page shows of one delivery. */
export interface ShownDetail {
  readonly delivery: FullInboxDelivery;
  readonly view: View;
  readonly mayAct: boolean;
  readonly maySeeBodies: boolean;
  /** The body and what changed, if that was requested. */
  readonly content: Markup | undefined;
}

const meanings: Readonly<Record<DeliveryState, string>> = {
  held: 'Waits behind an earlier delivery of its entity.',
  waiting: 'Waits for its first attempt or for a retry.',
  active: 'Its handlers run.',
  done: 'Its handlers have succeeded.',
  skipped: 'Was not handled: a newer state of its entity was.',
  dead: 'Is no longer retried.',
};

/** Renders one delivery. */
export function detailOf({ delivery, view, mayAct, maySeeBodies, content }: ShownDetail): Markup {
  const { id, event, entityId, webhookId, receivedAt, state, attempts, retryAt, finishedAt, lastError } = delivery;
  const { secretId, signature, handled } = delivery;
  return html`<article data-key="${id}" aria-labelledby="heading">
<a class="back" href="${addressOf({ ...view, open: undefined })}">Back to the list</a>
<h2 id="heading" tabindex="-1"><span class="event">${printable(event, 100)}</span> <small>${printable(entityId ?? '', 120)}</small></h2>
<p class="verdict ${toneOf(delivery)}"><strong>${state}</strong>. ${meanings[state]}</p>
${lastError === undefined ? '' : html`<section aria-labelledby="error"><h3 id="error">Last error</h3><pre class="whole">${legible(lastError)}</pre></section>`}
${mayAct && actionsOf(delivery)}
<section aria-labelledby="facts"><h3 id="facts">Facts</h3>
${facts([
  ['Delivery', printable(id)],
  [
    'Entity',
    entityId === undefined ? undefined : html`<a href="${addressOf({ entityId })}">${printable(entityId, 200)}</a>`,
  ],
  ['Webhook', webhookId === undefined ? undefined : printable(webhookId, 200)],
  ['Received', html`${timeOf(receivedAt)} UTC`],
  ['Attempts', String(attempts)],
  ['Next attempt', retryAt && html`${timeOf(retryAt)} UTC`],
  ['Finished', finishedAt && html`${timeOf(finishedAt)} UTC`],
  ['Handlers done', handled.length > 0 ? printable(handled.join(', '), 300) : undefined],
  ['Signature', signature],
  ['Secret', secretId === undefined ? undefined : printable(secretId, 200)],
])}
</section>
${content ?? (maySeeBodies ? contentLink(id, view) : html`<p>Your role does not show bodies.</p>`)}
</article>`;
}

function actionsOf({ id, state }: FullInboxDelivery): Markup {
  const isUnfinished = state === 'held' || state === 'waiting' || state === 'active';
  const isReplayable = state !== 'held' && state !== 'active';
  const form = (action: string, button: Markup) =>
    html`<form method="post" action="?"><input type="hidden" name="do" value="${action}"><input type="hidden" name="id" value="${id}">${button}</form>`;
  return html`<div class="actions">
${isReplayable && form('replay', html`<button id="replay" type="submit">${state === 'waiting' ? 'Run now' : 'Replay'}</button>`)}
${
  isUnfinished &&
  html`<details id="kill"><summary>Mark as dead</summary><p>It is not handled any more, until it is replayed, and the next delivery of its entity is.</p>${form(
    'mark-dead',
    html`<button id="mark-dead" type="submit">Mark as dead</button>`,
  )}</details>`
}
</div>`;
}
