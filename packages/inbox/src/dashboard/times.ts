import { html, type Markup } from '../page/markup';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Returns a duration in its largest unit, such as `3 min`. */
export function durationText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.round(ms / 1_000)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  return ms < 2 * DAY_MS ? `${Math.floor(ms / HOUR_MS)} h` : `${Math.floor(ms / DAY_MS)} days`;
}

/** Renders a time in UTC: the visitor and the server need not be in one time zone. */
export const timeOf = (date: Date): Markup =>
  html`<time datetime="${date.toISOString()}">${date.toISOString().replace('T', ' ').slice(0, 19)}</time>`;

/** Renders the time of today, or the date of another day, in UTC. */
export function shortTimeOf(date: Date): Markup {
  const [day, time = ''] = date.toISOString().split('T');
  const isToday = day === new Date().toISOString().split('T')[0];
  return html`<time datetime="${date.toISOString()}">${isToday ? time.slice(0, 8) : day}</time>`;
}
