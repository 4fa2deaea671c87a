import { request } from 'node:http';
import { blueDashboard } from '@blue-webhooks/express';
import { blueDashboard as honoDashboard } from '@blue-webhooks/hono';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import { type Context, Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { inboxDashboard } from '../../src/dashboard';
import { memoryStore } from '../../src/index';
import { inboxWith } from '../endpoint';
import { act, inboxToShow, listen, mounts, recordingDashboard, send } from './serve';

const path = '/ops/blue';

/** Starts a proxy that serves what is below `/outside`, with or without that prefix in the path that it passes on. */
function proxyTo(origin: string, rewritten: (path: string) => string): Promise<string> {
  return listen((incoming, outgoing) => {
    const { method, headers, url = '/' } = incoming;
    const passed = request(`${origin}${rewritten(url)}`, { method, headers, agent: false }, (response) => {
      outgoing.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(outgoing);
    });
    incoming.pipe(passed);
  });
}

/** Returns the addresses of a page's assets, as a browser resolves them. */
function assetsOf(html: string, address: string): string[] {
  const references = [...html.matchAll(/(?:href|src)="(\?asset=[^"]+)"/g)].map(([, reference]) => reference as string);
  return references.map((reference) => new URL(reference, address).href);
}

describe.each(Object.entries(mounts))('a dashboard in %s', (_name, mount) => {
  async function mounted(role: 'look' | 'act' = 'act') {
    const shown = await inboxToShow();
    const dashboard = recordingDashboard(shown, {
      authorize: () => ({ role, who: 'ada' }),
      hosts: ['ops.example.com'],
    });
    const origin = await listen(mount(dashboard, path));
    return { ...shown, origin, url: `${origin}${path}` };
  }

  test('works under a path, and behind a proxy that strips the prefix or keeps it', async () => {
    const { origin, url, dead } = await mounted();
    const { inbox } = await inboxToShow();
    const outside = recordingDashboard({ inbox, audited: [], errors: [] }, { authorize: () => 'look' });
    const keeping = await listen(mount(outside, '/outside/blue'));
    for (const address of [
      url,
      `${await proxyTo(origin, (whole) => whole.replace('/outside/blue', path))}/outside/blue`,
      `${await proxyTo(keeping, (whole) => whole)}/outside/blue`,
    ]) {
      const { status, text } = await send(address);
      expect([address, status]).toEqual([address, 200]);
      const assets = assetsOf(text, address);
      expect(assets).toHaveLength(3);
      for (const asset of assets) {
        expect(asset.startsWith(address)).toBe(true);
        expect((await send(asset)).status).toBe(200);
      }
    }
    const replayed = await act(`${await proxyTo(origin, (whole) => whole.replace('/outside', path))}/outside`, {
      do: 'replay',
      id: dead,
    });
    expect([replayed.status, replayed.text]).toEqual([200, 'The delivery runs again.']);
  });

  describe('refuses', () => {
    const own = { 'x-fragment': '1' };
    test.each<[string, 403 | 400, Record<string, string>, ('look' | 'act')?]>([
      [
        'a host name that resolves to this address',
        403,
        { ...own, host: 'evil.example', origin: 'http://evil.example' },
      ],
      [
        'another host name, whatever X-Forwarded-Host says',
        403,
        { ...own, host: 'evil.example', origin: 'http://evil.example', 'x-forwarded-host': 'ops.example.com' },
      ],
      ['a host name that ends like an accepted one', 403, { ...own, host: 'evil-ops.example.com' }],
      ['an accepted host name with another port', 403, { ...own, host: 'ops.example.com:8080' }],
      ['a post of another origin', 403, { ...own, host: 'ops.example.com', origin: 'https://evil.example' }],
      ['a post of another port', 403, { ...own, host: 'ops.example.com', origin: 'https://ops.example.com:8443' }],
      ['a post of the origin null', 403, { ...own, host: 'ops.example.com', origin: 'null' }],
      ['a post without an origin', 403, { ...own, host: 'ops.example.com' }],
      [
        'a cross-site post',
        403,
        { ...own, host: 'ops.example.com', origin: 'https://ops.example.com', 'sec-fetch-site': 'cross-site' },
      ],
      [
        'a post of a sibling site',
        403,
        { ...own, host: 'ops.example.com', origin: 'https://ops.example.com', 'sec-fetch-site': 'same-site' },
      ],
      [
        'a post without the header of the page, as a form of another site sends it',
        403,
        {
          host: 'ops.example.com',
          origin: 'https://ops.example.com',
          'content-type': 'application/x-www-form-urlencoded',
        },
      ],
      [
        'a post of a visitor who may only look',
        403,
        { ...own, host: 'ops.example.com', origin: 'https://ops.example.com' },
        'look',
      ],
    ])('%s', async (_title, status, headers, role) => {
      const { url, inbox, dead, done, audited } = await mounted(role);
      for (const form of [`do=replay&id=${dead}`, `do=mark-dead&id=${done}`, 'do=pause&reason=owned', 'do=resume']) {
        const answer = await send(url, { method: 'POST', headers, body: form });
        expect(answer.status).toBe(status);
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      }
      expect(await inbox.stats()).toMatchObject({ done: 1, dead: 1 });
      expect(await inbox.paused()).toEqual([]);
      expect(audited).toEqual([]);
    });

    test('a preflight of another origin, and other methods', async () => {
      const { url } = await mounted();
      const preflight = await send(url, {
        method: 'OPTIONS',
        headers: {
          host: 'ops.example.com',
          origin: 'https://ops.example.com',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-fragment',
        },
      });
      expect([preflight.status, preflight.headers.allow]).toEqual([405, 'GET, HEAD, POST']);
      expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    });

    test('a read under another host name, whatever X-Forwarded-Host and Forwarded say', async () => {
      const { url, dead } = await mounted();
      const forwarded = { 'x-forwarded-host': 'ops.example.com', forwarded: 'host=ops.example.com' };
      for (const query of ['', '?asset=script', `?d=${dead}&body=1`, `?d=${dead}&raw=1`]) {
        const answer = await send(url + query, { headers: { host: 'evil.example', ...forwarded } });
        expect(answer.status).toBe(403);
        expect(answer.text).toMatch(/^Forbidden: unknown host\. Pass it to inboxDashboard/);
      }
    });

    test('a read of another origin, and a malformed host', async () => {
      const { url } = await mounted();
      expect((await send(url, { headers: { host: 'ops.example.com', origin: 'https://evil.example' } })).status).toBe(
        403,
      );
      for (const host of ['ops.example.com@evil.example', 'ops.example.com/?', 'ops.example.com#', 'ops example']) {
        expect([400, 403]).toContain((await send(url, { headers: { host } })).status);
      }
    });

    test('a form that is too large', async () => {
      const { url, inbox } = await mounted();
      expect((await act(url, { do: 'pause', reason: 'x'.repeat(2_000_000) })).status).toBeGreaterThanOrEqual(400);
      expect(await inbox.paused()).toEqual([]);
    });
  });

  test('accepts its own origin at an accepted host, with TLS or without, in any case', async () => {
    const { url } = await mounted();
    for (const [host, origin] of [
      ['ops.example.com', 'https://ops.example.com'],
      ['OPS.example.com', 'http://ops.example.com'],
      ['ops.example.com:443', 'https://ops.example.com'],
      ['127.0.0.1:3000', 'http://127.0.0.1:3000'],
      ['localhost', 'https://ops.example.com'], // a proxy that does not pass the host on
    ] as const) {
      const answer = await act(url, { do: 'resume' }, { host, origin, 'sec-fetch-site': 'same-origin' });
      expect([host, answer.status, answer.text]).toEqual([host, 409, 'Not paused: All deliveries.']);
    }
  });
});

test('passes what Express and Hono have on to authorize', async () => {
  const { inbox } = inboxWith({ store: memoryStore() });
  const ofExpress = inboxDashboard(inbox, {
    authorize: (_request, req: express.Request & { user?: { admin: boolean } }) =>
      req.user?.admin ? 'act' : undefined,
  });
  const app = express();
  app.use((req: express.Request & { user?: { admin: boolean } }, _res, next) => {
    req.user = { admin: req.headers.cookie === 'session=admin' };
    next();
  });
  app.use(path, blueDashboard(ofExpress));
  const ofHono = inboxDashboard(inbox, {
    authorize: (_request, c: Context) => (c.get('admin') ? 'act' : undefined),
  });
  const hono = new Hono().use(async (c, next) => {
    c.set('admin' as never, (c.req.header('cookie') === 'session=admin') as never);
    await next();
  });
  hono.all(path, honoDashboard(ofHono));
  for (const listener of [app, getRequestListener(hono.fetch)]) {
    const url = `${await listen(listener)}${path}`;
    expect((await send(url)).status).toBe(403);
    expect((await send(url, { headers: { cookie: 'session=admin' } })).status).toBe(200);
  }
});

test.each<[string, (dashboard: never) => unknown]>([
  ['Express', blueDashboard],
  ['Hono', honoDashboard],
])('blueDashboard of %s throws a TypeError for what is not a dashboard', (_name, mount) => {
  const { inbox } = inboxWith({ store: memoryStore() });
  expect(() => mount(undefined as never)).toThrow(TypeError);
  expect(() => mount(inboxDashboard as never)).toThrow(/blueDashboard\(inboxDashboard\(inbox, \{ authorize \}\)\)/);
  expect(() => mount(inboxDashboard(inbox, { authorize: () => 'look' }) as never)).not.toThrow();
});

test('acts in Express behind parsers of JSON, forms and text', async () => {
  const shown = await inboxToShow();
  const app = express().use(express.json(), express.urlencoded(), express.text());
  app.use(path, blueDashboard(recordingDashboard(shown, { authorize: () => 'act' })));
  const answer = await act(`${await listen(app)}${path}`, { do: 'pause', reason: 'the CRM is down' });
  expect([answer.status, answer.text]).toEqual([200, 'Paused: All deliveries.']);
});

test('is mounted as a Fetch handler in Hono', async () => {
  const { inbox } = inboxWith({ store: memoryStore() });
  const dashboard = inboxDashboard(inbox, { authorize: () => 'look' });
  const url = `${await listen(getRequestListener(new Hono().mount(path, dashboard.fetch).fetch))}${path}`;
  expect((await send(url)).text).toContain('No deliveries yet.');
});
