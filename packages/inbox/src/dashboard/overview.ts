import { deliveryStates } from '../delivery';
import { html, type Markup } from '../page/markup';
import { printable } from '../page/printable';
import type { Pause, PauseScope } from '../pauses';
import type { InboxStats } from '../store';
import type { Recent } from './recent';
import { sparklineOf } from './sparkline';
import { durationText, timeOf } from './times';
import { addressOf, type View } from './view';

/** What stands above the list. */
export interface ShownOverview {
  readonly stats: InboxStats;
  /** `undefined` while it is being counted. */
  readonly recent: Recent | undefined;
  readonly paused: readonly Pause[];
  readonly view: View;
  readonly mayAct: boolean;
}

/** Renders how many deliveries are in each state, what has arrived, and what is paused. */
export function overviewOf({ stats, recent, paused, view, mayAct }: ShownOverview): Markup {
  const { oldestWaitingMs } = stats;
  return html`<ul class="tiles">
${deliveryStates.map(
  (
    state,
  ) => html`<li><a id="tile-${state}" class="${state === 'dead' && stats.dead > 0 ? 'bad' : ''}" href="${addressOf({
    state,
  })}"${view.state === state ? html` aria-current="true"` : ''}><strong>${stats[state].toLocaleString('en')}</strong> ${state}</a></li>
`,
)}<li><a id="tile-oldest" href="${addressOf({ state: 'waiting' })}"><strong>${
    oldestWaitingMs === undefined ? 'none' : durationText(oldestWaitingMs)
  }</strong> oldest waiting</a></li>
</ul>
${recent ? sparklineOf(recent) : html`<p class="sparkline">Counting recent deliveries …</p>`}
${
  paused.length === 0
    ? ''
    : html`<section class="paused" aria-labelledby="paused"><h2 id="paused">Paused</h2><ul>
${paused.map((pause, place) => pauseOf(pause, place, mayAct))}</ul></section>`
}`;
}

function pauseOf({ event, webhookId, reason, by, since }: Pause, place: number, mayAct: boolean): Markup {
  const what = scopeText({ event, webhookId });
  return html`<li><p><strong>${what}</strong>: ${printable(reason, 300)} (${by === undefined ? '' : `${printable(by, 200)}, `}since ${timeOf(since)})</p>
${
  mayAct &&
  html`<form method="post" action="?"><input type="hidden" name="do" value="resume"><input type="hidden" name="event" value="${
    event
  }"><input type="hidden" name="webhookId" value="${webhookId}"><button id="resume-${place}" type="submit">Resume<span class="hidden"> ${what}</span></button></form>`
}</li>
`;
}

/** Returns what a pause applies to, in words. */
export function scopeText({ event, webhookId }: PauseScope): string {
  const events = event === undefined ? 'All deliveries' : printable(event, 60);
  return webhookId === undefined ? events : `${events} of webhook ${printable(webhookId, 60)}`;
}

/** Renders the form that pauses deliveries. */
export const pauseForm = (): Markup => html`<details class="controls"><summary>Pause</summary>
<form method="post" action="?">
<p>Deliveries are still stored and acknowledged. Running handlers end.</p>
<input type="hidden" name="do" value="pause">
<label>Event <input name="event" maxlength="200" placeholder="every event" autocomplete="off"></label>
<label>Webhook <input name="webhookId" maxlength="200" placeholder="every webhook" autocomplete="off"></label>
<label>Reason <input name="reason" maxlength="1000" required autocomplete="off"></label>
<button type="submit">Pause deliveries</button>
</form></details>`;
