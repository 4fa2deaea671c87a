import { createReceiver } from '@blue-webhooks/core';
import { describe, expect, test } from 'vitest';
import { type DashboardOptions, inboxDashboard } from '../../src/dashboard';
import { createInbox, memoryStore, sqliteStore } from '../../src/index';
import { eventually, inboxWith, moved, post, signed } from '../endpoint';
import { scratchFile } from '../scratch';
import { inboxToShow, recordingDashboard } from './serve';

const url = 'http://localhost/ops';
const asked = (query: string, headers: Record<string, string> = {}) =>
  new Request(`${url}${query}`, { headers: { host: 'localhost', ...headers } });
const acting = (form: Record<string, string>) =>
  new Request(url, {
    method: 'POST',
    headers: { host: 'localhost', origin: 'http://localhost', 'x-fragment': '1' },
    body: String(new URLSearchParams(form)),
  });

describe('inboxDashboard', () => {
  const inbox = createInbox({ receiver: createReceiver({ allowUnsigned: true }), store: memoryStore() });
  const authorize = () => 'look' as const;
  test.each<[string, unknown, unknown, RegExp]>([
    ['no options', inbox, undefined, /needs authorize, got undefined: pass a function that returns 'look', 'act'/],
    ['no authorize', inbox, {}, /needs authorize/],
    ['a role as authorize', inbox, { authorize: 'act' }, /needs authorize, got a string/],
    ['no inbox', undefined, { authorize }, /inbox\.stats must be a function/],
    ['a URL as a host', inbox, { authorize, hosts: ['https://ops.example.com'] }, /hosts must contain hosts/],
    ['a host with a path', inbox, { authorize, hosts: ['ops.example.com/'] }, /hosts must contain hosts/],
    ['an empty host', inbox, { authorize, hosts: [''] }, /hosts must contain hosts/],
    ['a string as hosts', inbox, { authorize, hosts: 'ops.example.com' }, /hosts must be an array, got a string/],
    ['another onAudit', inbox, { authorize, onAudit: true }, /onAudit must be a function/],
    ['another onError', inbox, { authorize, onError: {} }, /onError must be a function/],
  ])('throws a TypeError for %s', (_title, given, options, message) => {
    const create = () => inboxDashboard(given as typeof inbox, options as DashboardOptions);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });
});

describe('authorize', () => {
  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['false', false],
    ['null', null],
    ['a promise of undefined', Promise.resolve(undefined)],
  ])('answers 403 for %s, and reads nothing', async (_title, answer) => {
    const { inbox } = inboxWith({ store: memoryStore() });
    const read: string[] = [];
    const watched = new Proxy(inbox, {
      get(target, name) {
        read.push(String(name));
        return Reflect.get(target, name);
      },
    });
    const dashboard = inboxDashboard(watched, { authorize: () => answer as undefined });
    read.length = 0;
    for (const query of ['', '?d=1', '?asset=script', '?d=1&raw=1']) {
      expect((await dashboard.fetch(asked(query))).status).toBe(403);
    }
    expect((await dashboard.fetch(acting({ do: 'pause', reason: 'x' }))).status).toBe(403);
    expect(read).toEqual([]);
  });

  test.each<[string, () => unknown]>([
    [
      'it throws',
      () => {
        throw new Error('the session store at redis://user:hunter2@host is down');
      },
    ],
    ['it rejects', () => Promise.reject(new Error('hunter2'))],
    ['it returns true', () => true],
    ['it returns another role', () => 'admin'],
    ['it returns an object without a role', () => ({ who: 'ada' })],
    ['it names nobody', () => ({ role: 'act', who: 7 })],
    ['bodies is not a boolean', () => ({ role: 'look', bodies: 'yes' })],
  ])('answers 500 without details when %s, and reports it', async (_title, authorize) => {
    const shown = await inboxToShow();
    const dashboard = recordingDashboard(shown, { authorize: authorize as () => undefined });
    const response = await dashboard.fetch(asked(''));
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('The dashboard failed.');
    expect(shown.errors).toHaveLength(1);
    expect(shown.errors[0]).toBeInstanceOf(Error);
  });
});

describe('bodies', () => {
  const secretText = 'Second title';
  test.each<[string, DashboardOptions['authorize'], boolean]>([
    ['hidden from look', () => 'look', false],
    ['shown to look with bodies: true', () => ({ role: 'look', bodies: true, who: 'ada' }), true],
    ['shown to act', () => ({ role: 'act', who: 'ada' }), true],
    ['hidden from act with bodies: false', () => ({ role: 'act', bodies: false }), false],
  ])('are %s, and each view is audited', async (_title, authorize, isShown) => {
    const shown = await inboxToShow();
    const { dead, done, audited } = shown;
    const dashboard = recordingDashboard(shown, { authorize });
    const get = async (query: string, headers = {}) => (await dashboard.fetch(asked(query, headers))).text();
    for (const query of ['', `?d=${dead}`, '?state=dead', '?entity=record+1']) {
      expect(await get(query)).not.toContain(secretText);
    }
    expect(audited).toEqual([]);
    const [page, fragment, raw] = [
      await get(`?d=${dead}&body=1`),
      await get(`?d=${dead}&body=1`, { 'x-fragment': '1' }),
      await get(`?d=${dead}&raw=1`),
    ];
    for (const text of [page, fragment, raw]) expect(text.includes(secretText)).toBe(isShown);
    const views = isShown ? [dead, done, dead, done, dead] : [];
    expect(audited.map((one) => 'delivery' in one && one.delivery.id)).toEqual(views);
    for (const one of audited) {
      expect(one).toMatchObject({ type: 'view-body', who: 'ada', delivery: { event: 'TODO_MOVED' } });
      expect(Math.abs(Date.now() - one.at.getTime())).toBeLessThan(10_000);
    }
    expect(JSON.stringify(audited)).not.toContain('title');
  });

  test('are not shown to a link of another site', async () => {
    const shown = await inboxToShow();
    const dashboard = recordingDashboard(shown, { authorize: () => 'act' });
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect(await (await dashboard.fetch(asked(`?d=${shown.dead}&body=1`, headers))).text()).not.toContain(secretText);
    expect((await dashboard.fetch(asked(`?d=${shown.dead}&raw=1`, headers))).status).toBe(403);
    expect(shown.audited).toEqual([]);
  });

  test('show what an event changed, and what changed since the previous delivery of its entity', async () => {
    const shown = await inboxToShow();
    const dashboard = recordingDashboard(shown, { authorize: () => 'act' });
    const html = await (await dashboard.fetch(asked(`?d=${shown.dead}&body=1`))).text();
    expect(html).toContain('Error: The CRM answered 500.');
    const since = html.slice(html.indexOf('Since the previous delivery'));
    expect(html.indexOf('What changed')).toBeGreaterThan(0);
    expect(since).toMatch(/title<\/th><td>.*First.*<\/td><td>.*Second/);
  });
});

describe('when onAudit', () => {
  test('fails, neither is a body shown nor an action done', async () => {
    const shown = await inboxToShow();
    const onAudit = () => Promise.reject(new Error('the log is full'));
    const dashboard = recordingDashboard(shown, { authorize: () => 'act', onAudit });
    for (const query of [`?d=${shown.dead}&body=1`, `?d=${shown.dead}&raw=1`]) {
      const response = await dashboard.fetch(asked(query));
      expect(response.status).toBe(500);
      expect(await response.text()).toBe('The dashboard failed.');
    }
    const forms = [
      { do: 'replay', id: shown.dead },
      { do: 'pause', reason: 'x' },
    ];
    for (const form of forms) expect((await dashboard.fetch(acting(form))).status).toBe(500);
    expect(await shown.inbox.stats()).toMatchObject({ dead: 1, done: 1 });
    expect(await shown.inbox.paused()).toEqual([]);
    expect(shown.errors).toHaveLength(4);
  });
});

test('replays, marks as dead, pauses and resumes, and audits each with who and when', async () => {
  const shown = await inboxToShow();
  const { inbox, dead, audited, handled } = shown;
  const dashboard = recordingDashboard(shown, { authorize: () => ({ role: 'act', who: ' ada ' }) });
  const act = async (form: Record<string, string>) => {
    const response = await dashboard.fetch(acting(form));
    return [response.status, await response.text()];
  };
  expect(await act({ do: 'pause', event: ' TODO_MOVED ', webhookId: '', reason: ' a migration ' })).toEqual([
    200,
    'Paused: TODO_MOVED.',
  ]);
  expect(await inbox.paused()).toMatchObject([{ event: 'TODO_MOVED', reason: 'a migration', by: 'ada' }]);
  expect(await act({ do: 'replay', id: dead })).toEqual([200, 'The delivery runs again.']);
  expect(await inbox.get(dead)).toMatchObject({ state: 'waiting' });
  expect(await act({ do: 'mark-dead', id: dead })).toEqual([200, 'Marked as dead.']);
  expect(await act({ do: 'mark-dead', id: dead })).toEqual([409, 'Not marked: it is finished.']);
  expect(await act({ do: 'replay', id: dead })).toEqual([200, 'The delivery runs again.']);
  const before = handled.length;
  expect(await act({ do: 'resume', event: 'TODO_MOVED' })).toEqual([200, 'Resumed: TODO_MOVED.']);
  await eventually(() => handled.length > before);
  expect(audited.map(({ type, who }) => [type, who])).toEqual(
    ['pause', 'replay', 'mark-dead', 'mark-dead', 'replay', 'resume'].map((type) => [type, 'ada']),
  );
  expect(audited[0]).toMatchObject({ scope: { event: 'TODO_MOVED', webhookId: undefined }, reason: 'a migration' });
});

test.each<[string, Record<string, string>, number]>([
  ['an unknown delivery', { do: 'replay', id: 'x' }, 404],
  ['a missing id', { do: 'mark-dead' }, 404],
  ['an unknown action', { do: 'prune' }, 400],
  ['a method of objects', { do: 'constructor' }, 400],
  ['no action', {}, 400],
  ['a pause without a reason', { do: 'pause', reason: '  ' }, 400],
  ['a reason that is too long', { do: 'pause', reason: 'x'.repeat(1_001) }, 400],
  ['an event that is too long', { do: 'pause', reason: 'x', event: 'x'.repeat(201) }, 400],
])('answers %s without auditing it', async (_title, form, status) => {
  const shown = await inboxToShow();
  const dashboard = recordingDashboard(shown, { authorize: () => 'act' });
  expect((await dashboard.fetch(acting(form))).status).toBe(status);
  expect(shown.audited).toEqual([]);
});

test('escapes events, ids, entities, errors, reasons and names, and sends no inline script or style', async () => {
  const evil = `"><script>alert(1)</script><img src=x onerror='alert(1)'>\u202e`;
  const { inbox } = inboxWith({ store: memoryStore(), retry: { maxAttempts: 1 } }, () => {
    throw new Error('<script>alert(2)</script>'); // shorter than what counts as a quotation of the body
  });
  const receivedAt = new Date();
  const facts = { signature: 'backfill' as const, secretId: evil, receivedAt, attempt: undefined };
  const rawBody = JSON.stringify({
    event: evil,
    webhook: { id: evil },
    previousValue: { id: evil, [evil]: evil },
    currentValue: { id: evil, title: evil },
  });
  const id = evil.slice(0, 64);
  await inbox.accept({ ...facts, id, rawBody, signal: AbortSignal.abort() });
  await inbox.start();
  await eventually(async () => (await inbox.stats()).dead === 1);
  await inbox.pause({ event: evil, webhookId: evil, reason: evil, by: evil });
  const dashboard = inboxDashboard(inbox, { authorize: () => ({ role: 'act', who: evil }) });
  const encoded = encodeURIComponent(evil);
  for (const query of [
    '',
    `?d=${encodeURIComponent(id)}&body=1`,
    `?event=${encoded}&entity=${encoded}&state=${encoded}&before=${encoded}&d=${encoded}`,
  ]) {
    const response = await dashboard.fetch(asked(query));
    expect(response.status).toBe(200);
    const html = await response.text();
    expect(html).toContain('&lt;script&gt;alert(1)');
    expect(html).toContain('Error: &lt;script&gt;alert(2)');
    expect(html.replace(/="[^"]*"/g, '')).not.toContain('\u202e'); // forms post names as they are
    expect(html.replace('<script type="module" src="?asset=script"></script>', '')).not.toMatch(
      /<script|<img|\son\w+=["']|style="/i,
    );
  }
  const raw = await dashboard.fetch(asked(`?d=${encodeURIComponent(id)}&raw=1`));
  expect(raw.headers.get('content-type')).toBe('text/plain; charset=utf-8');
});

test('sends the headers of security with every response', async () => {
  const shown = await inboxToShow();
  const dashboard = recordingDashboard(shown, { authorize: () => 'act' });
  const responses = [
    asked(''),
    asked('?asset=styles'),
    asked('?asset=constructor'),
    asked('?d=x', { 'x-fragment': '1' }),
    asked(`?d=${shown.dead}&raw=1`),
    asked('', { host: 'evil.example' }),
    acting({ do: 'replay', id: 'x' }),
  ];
  for (const request of responses) {
    const { headers } = await dashboard.fetch(request);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
  }
});

test('filters and pages the list, and ignores invalid parameters', async () => {
  const { inbox } = inboxWith({ store: sqliteStore(scratchFile()) });
  for (let place = 0; place < 60; place++) await post(inbox, await signed(moved(`record ${place % 2}`)));
  const dashboard = inboxDashboard(inbox, { authorize: () => 'look' });
  const rowsOf = async (query: string) => {
    const html = await (await dashboard.fetch(asked(query))).text();
    const next = /rel="next" href="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&');
    return { rows: [...html.matchAll(/<li id="row-([^"]+)"/g)].map(([, id]) => id), next };
  };
  const first = await rowsOf('');
  expect(first.rows).toHaveLength(50);
  const second = await rowsOf(first.next ?? '');
  expect(second.rows).toHaveLength(10);
  expect(new Set([...first.rows, ...second.rows]).size).toBe(60);
  expect((await rowsOf('?entity=record+1')).rows).toHaveLength(30);
  expect((await rowsOf('?state=held')).rows).toHaveLength(50);
  expect((await rowsOf('?state=waiting')).rows).toHaveLength(2);
  expect((await rowsOf('?event=TODO_CREATED')).rows).toHaveLength(0);
  expect((await rowsOf('?state=nonsense&before=nonsense&d=nonsense')).rows).toHaveLength(50);
});

test('answers 503 without details while the store fails', async () => {
  const store = memoryStore();
  const fail = () => Promise.reject(new Error('connect postgres://user:hunter2@db'));
  const { inbox } = inboxWith({ store: { ...store, stats: fail } });
  const errors: unknown[] = [];
  const dashboard = inboxDashboard(inbox, { authorize: () => 'look', onError: (error) => errors.push(error) });
  const response = await dashboard.fetch(asked(''));
  expect([response.status, await response.text()]).toEqual([503, 'The store of the inbox failed.']);
  expect(String(errors[0])).not.toContain('hunter2');
});

test('shows an inbox that was opened to be read, and changes nothing', async () => {
  const path = scratchFile();
  const { inbox } = inboxWith({ store: sqliteStore(path) });
  const { id, ...delivery } = await signed();
  await post(inbox, { ...delivery });
  const reading = inboxWith({ store: sqliteStore(path, { readOnly: true }) });
  const dashboard = inboxDashboard(reading.inbox, { authorize: () => 'act' });
  expect(await (await dashboard.fetch(asked(`?d=${id}`))).text()).toContain(`id="row-${id}"`);
  const response = await dashboard.fetch(acting({ do: 'mark-dead', id }));
  expect([response.status, await response.text()]).toEqual([409, 'This inbox was opened to be read.']);
});
