import { catchUp, memoryKnown } from '@blue-webhooks/api';
import type { StoredDelivery } from '@blue-webhooks/core';
import { parseVerified } from '@blue-webhooks/core/adapter';
import { scenario } from '@blue-webhooks/testing';
import { world } from './world';

const unlimited = { key: 100_000, user: 100_000, organization: 100_000 };

/** A simulated workspace after a day, and the events that a run passes on. */
export async function lived(api: Parameters<typeof world>[0] = {}, records = 10) {
  const { blue, clock, client } = world({ requestsPerMinute: unlimited, ...api });
  await blue.play(scenario({ seed: 4, records }));
  await clock.sleep(600_000);
  const known = memoryKnown();
  const handed: StoredDelivery[] = [];
  const to = (delivery: StoredDelivery) => void handed.push(delivery);
  const fast = client({ requestsPerMinute: 100_000 });
  const run = (more: Partial<Parameters<typeof catchUp>[0]> = {}) =>
    catchUp({ client: fast, since: new Date(clock.now()), projects: 'all', to, known, mode: 'full', ...more });
  const events = () => handed.map(({ rawBody }) => parseVerified(rawBody).event);
  const names = () =>
    events().map((event) => (event.event === 'UNKNOWN' ? `UNKNOWN ${event.payload.reason}` : event.event));
  const record = () => blue.api.rows('record')[0] as { id: string; title: string; updatedAt: string };
  const later = () => new Date(clock.now()).toISOString();
  await run(); // the first run only learns
  handed.length = 0;
  await clock.sleep(3_600_000);
  return { blue, clock, run, known, handed, events, names, record, later };
}
