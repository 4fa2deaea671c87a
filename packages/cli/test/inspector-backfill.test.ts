import { join } from 'node:path';
import { createReceiver } from '@blue-webhooks/core';
import { fixtures, scenario } from '@blue-webhooks/testing';
import { afterEach, expect, test } from 'vitest';
import { openDatabase } from '../src/listen/database';
import { Journal } from '../src/listen/journal';
import { expectNothingSecret, printed, startBlue } from './blue-api';
import { scratchFolder } from './files';
import { deliver, listening } from './listening';
import { run, testSecret } from './run';
import { serveApp } from './serve';

afterEach(expectNothingSecret);

const get = async (url: string) => {
  const html = await (await fetch(url)).text();
  printed.push(html);
  return html;
};

/** A listener on a file in which catch-up stores what was missed while the webhook was off. */
async function caughtUp(forward?: URL) {
  const { blue, clock, blueWebhooks } = await startBlue();
  const path = join(scratchFolder(), 'blue.db');
  const listener = await listening({ path, ...(forward ? { forward } : {}) });
  await blue.play(scenario({ seed: 4, records: 2 }));
  await clock.sleep(3_600_000); // until nothing of the day is young
  const since = new Date(clock.now()).toISOString();
  await clock.sleep(60_000);
  blue.disable();
  const [row] = blue.api.rows('record') as { id: string }[];
  const previousValue = { ...row };
  const currentValue = { ...row, title: 'Renamed while off', updatedAt: new Date(clock.now()).toISOString() };
  await blue.emit({ event: 'TODO_NAME_CHANGED', previousValue, currentValue } as { event: string });
  const ran = await blueWebhooks(`catch-up --since ${since} --db ${path} --json`);
  expect(JSON.parse(ran.out)).toMatchObject({ repaired: 1, steps: 1 });
  await expect.poll(() => listener.journal.counts().backfilled, { timeout: 10_000 }).toBe(1);
  return listener;
}

test('marks an event that catch-up stored, and separates it from deliveries', async () => {
  const { url, inspectorUrl, journal, lines } = await caughtUp();
  await deliver(url, fixtures.TAG_CREATED);
  const html = await get(inspectorUrl);
  expect(html).toMatch(
    /<span class="badge api">API<\/span>.*TODO_NAME_CHANGED.*<span class="note api">backfill<\/span>/s,
  );
  expect(html).toContain('2 deliveries, 0 refused, 1 read from the API');
  const seq = journal.list({ show: 'backfilled' }, 2).map(({ seq }) => seq);
  expect(seq).toHaveLength(1);
  expect(journal.list({ show: 'accepted' }, 2)).toMatchObject([{ event: 'TAG_CREATED', backfilled: false }]);
  const detail = await get(`${inspectorUrl}/?d=${seq[0]}`);
  expect(detail).toContain('<strong>Backfill</strong>');
  expect(detail).toContain('Renamed while off');
  for (const claim of ['The signature matches', 'Received once']) expect(detail).not.toContain(claim);
  expect(lines.filter((line) => /API +TODO_NAME_CHANGED .*stored by catch-up/.test(line))).toHaveLength(1);
});

test('forwards it to the app with a signature that the app accepts, and records it once', async () => {
  const app = await serveApp((_, place) => (place === 0 ? 500 : 204));
  const { journal, inspectorUrl } = await caughtUp(new URL(app.url));
  await app.count(2);
  const [sent] = app.arrived;
  const receiver = createReceiver({ secret: testSecret });
  const { status } = await receiver.fetch(
    new Request(app.url, { method: 'POST', body: sent?.body as BodyInit, headers: sent?.headers as HeadersInit }),
  );
  expect(status).toBe(204);
  expect(JSON.parse(String(sent?.body))).toMatchObject({ currentValue: { title: 'Renamed while off' } });
  expect(journal.list({}, 10)).toMatchObject([{ backfilled: true, times: 1 }]);
  await expect.poll(() => journal.list({}, 1)[0]?.forwarded).toBe(2);
  const replay = new URLSearchParams({ target: app.url });
  const origin = { origin: inspectorUrl };
  await fetch(`${inspectorUrl}/deliveries/1/replay`, { method: 'POST', body: replay, headers: origin });
  expect(app.arrived[2]?.headers['x-signature']).toBe(sent?.headers['x-signature']);
});

test('opens a file of a version that did not mark backfilled events', () => {
  const database = openDatabase(join(scratchFolder(), 'older.db'));
  new Journal(database);
  database.exec('ALTER TABLE journal_deliveries DROP COLUMN backfilled');
  const journal = new Journal(database);
  expect(journal.counts()).toEqual({ all: 0, refused: 0, backfilled: 0 });
  journal.close();
});

test('shows the state of the webhook and each change of it, without a token', async () => {
  const { blue, client } = await startBlue();
  const { inspectorUrl, lines } = await listening({ webhook: { client, webhookId: blue.webhook.id, everyMs: 50 } });
  const state = async () => /<p id="webhook".*?class="badge (\w*)">([\w-]+)</s.exec(await get(inspectorUrl))?.slice(1);
  await expect.poll(state, { timeout: 10_000 }).toEqual(['good', 'healthy']);
  const live = await fetch(`${inspectorUrl}/live`);
  const reader = (live.body as ReadableStream<Uint8Array>).getReader();
  blue.disable();
  let sent = '';
  while (!/event: webhook\ndata: <p id="webhook".*>off</.test(sent))
    sent += Buffer.from((await reader.read()).value ?? []);
  await reader.cancel();
  expect(await state()).toEqual(['bad', 'off']);
  await blue.enable();
  await expect.poll(state, { timeout: 10_000 }).toEqual(['good', 'healthy']);
  printed.push(sent, ...lines);
  expect(lines.filter((line) => line.startsWith('Webhook ')).map((line) => / is (\w+)\./.exec(line)?.[1])).toEqual([
    'healthy',
    'off',
    'healthy',
  ]);
});

test('shows no webhook without --webhook, and listen --webhook needs a token', async () => {
  const { inspectorUrl } = await listening();
  expect(await get(inspectorUrl)).not.toContain('id="webhook"');
  const { code, err } = await run(['listen', '--webhook', 'w1', '--port', '0', '--inspect-port', '0']);
  expect([code, err]).toEqual([
    2,
    expect.stringContaining('BLUE_TOKEN_ID, BLUE_TOKEN_SECRET, BLUE_ORG_ID are missing'),
  ]);
});
