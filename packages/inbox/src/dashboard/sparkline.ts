import { html, type Markup } from '../page/markup';
import type { Bucket, Recent } from './recent';
import { durationText } from './times';

const BAR = 6;
const HEIGHT = 40;

/** Renders arrivals and failures as bars, with a caption that says the same in words. */
export function sparklineOf({ from, until, buckets }: Recent): Markup {
  const total = (key: keyof Bucket) => buckets.reduce((sum, bucket) => sum + bucket[key], 0);
  const highest = Math.max(...buckets.map(({ arrived }) => arrived), 1);
  const bar = (value: number, place: number, kind: string) => {
    if (value === 0) return undefined;
    const height = Math.max(Math.round((value / highest) * HEIGHT), 1);
    return html`<rect class="${kind}" x="${place * BAR}" y="${HEIGHT - height}" width="${BAR - 1}" height="${height}"/>`;
  };
  const arrived = total('arrived');
  const caption = `Last ${durationText(until.getTime() - from.getTime())}: ${arrived.toLocaleString('en')} ${
    arrived === 1 ? 'delivery' : 'deliveries'
  }, of which ${total('failed').toLocaleString('en')} failed and are not done.`;
  return html`<figure class="sparkline">
<svg viewBox="0 0 ${buckets.length * BAR} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false">${buckets.map(
    (bucket, place) => [bar(bucket.arrived, place, 'arrived'), bar(bucket.failed, place, 'failed')],
  )}</svg>
<figcaption>${caption}</figcaption>
</figure>`;
}
