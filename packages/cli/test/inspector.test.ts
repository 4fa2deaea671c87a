import { execFile, spawnSync } from 'node:child_process';
import { fixtures } from '@blue-webhooks/testing';
import { describe, expect, test } from 'vitest';
import { curlOf } from '../src/inspector/curl';
import { deliver, listening, macOf, rawRequest } from './listening';
import { serve, serveApp } from './serve';

const get = async (url: string) => (await fetch(url)).text();

test('escapes the content of deliveries, and forbids inline scripts and styles', async () => {
  const { url, inspectorUrl } = await listening();
  const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
  const payload = {
    event: evil,
    webhook: { id: evil },
    previousValue: { id: '1', [evil]: 1 },
    currentValue: { id: evil, title: evil },
  };
  await deliver(url, payload, { 'x-evil': evil });
  await deliver(url, payload, { 'x-signature': evil });
  for (const path of ['/?d=1', '/?d=2', `/?q=${encodeURIComponent(evil)}&event=${encodeURIComponent(evil)}`]) {
    const html = await get(inspectorUrl + path);
    expect(html).toContain('&lt;script&gt;');
    expect(html.replace('<script type="module" src="/page.js"></script>', '')).not.toMatch(
      /<script|<img|\son\w+=["']|style="/i,
    );
  }
  const { headers } = await fetch(inspectorUrl);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  expect(headers.get('access-control-allow-origin')).toBeNull();
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cache-control')).toBe('no-store');
  expect((await fetch(`${inspectorUrl}/deliveries/1/body`)).headers.get('content-type')).toBe(
    'text/plain; charset=utf-8',
  );
});

describe('requests from other sites are refused', () => {
  test.each([
    ['a host name that resolves to this address', 'GET / HTTP/1.1\r\nHost: evil.example', 403],
    ['a host name that starts with localhost', 'GET / HTTP/1.1\r\nHost: localhost.evil.example', 403],
    ['no host name', 'GET / HTTP/1.0', 400],
    ['a read from another origin', 'GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example', 403],
    ['a read from another port', 'GET /live HTTP/1.1\r\nHost: localhost:1\r\nOrigin: http://localhost:2', 403],
    ['a post from the origin null', 'POST /deliveries/1/replay HTTP/1.1\r\nHost: localhost\r\nOrigin: null', 403],
    ['a post without an origin', 'POST /deliveries/1/replay HTTP/1.1\r\nHost: localhost', 403],
    [
      'a cross-site post',
      'POST /deliveries/1/replay HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nSec-Fetch-Site: cross-site',
      403,
    ],
    ['a read from its own origin', 'GET / HTTP/1.1\r\nHost: localhost:4040', 200],
  ])('%s', async (_title, head, status) => {
    const { inspectorUrl } = await listening();
    const printed = await rawRequest(inspectorUrl, head);
    expect(printed.status).toBe(status);
    expect(printed.answer.toLowerCase()).not.toContain('access-control');
  });
});

describe('a replay', () => {
  const replay = (inspectorUrl: string, target: string) =>
    fetch(`${inspectorUrl}/deliveries/1/replay`, {
      method: 'POST',
      headers: { origin: inspectorUrl, 'x-fragment': '1' },
      body: new URLSearchParams({ target }),
    });

  test('sends the original bytes and headers to an app on this machine', async () => {
    const app = await serveApp(() => 202);
    const { url, inspectorUrl } = await listening();
    const body = '{"event": "TAG_CREATED", "currentValue": {"id": "1", "title": "é"}}\n';
    await deliver(url, body, { 'x-custom': 'Kept' });
    const response = await replay(inspectorUrl, app.url);
    expect(await response.text()).toContain('response 202');
    expect(String(app.arrived[0]?.body)).toBe(body);
    expect(app.arrived[0]?.headers).toMatchObject({ 'x-signature': macOf(body), 'x-custom': 'Kept' });
  });

  test.each([
    'https://example.com/',
    'http://192.0.2.1/',
    'http://localhost.example.com/',
    'http://0.0.0.0/',
    'ftp://localhost/',
    'http://a:b@localhost/',
    'nonsense',
  ])('is refused for %s', async (target) => {
    const { url, inspectorUrl, journal } = await listening();
    await deliver(url, fixtures.TODO_MOVED);
    expect((await replay(inspectorUrl, target)).status).toBe(400);
    expect(journal.get(1)?.forwardings).toEqual([]);
  });

  test('reports a refused connection', async () => {
    const { url, inspectorUrl } = await listening();
    await deliver(url, fixtures.TODO_MOVED);
    expect(await (await replay(inspectorUrl, 'http://127.0.0.1:1/')).text()).toContain('connection refused');
  });
});

test('filters, searches and pages the list, and ignores invalid parameters', async () => {
  const { url, inspectorUrl } = await listening();
  for (let place = 0; place < 105; place++) {
    await deliver(url, {
      event: place % 2 ? 'TAG_UPDATED' : 'TAG_CREATED',
      currentValue: { id: `t${place}`, title: `Tag 100%_${place}` },
    });
  }
  await deliver(url, fixtures.TODO_MOVED, { 'x-signature': macOf('forged') });
  const seqs = async (query: string) =>
    [...(await get(`${inspectorUrl}/?${query}`)).matchAll(/<li id="row-(\d+)"/g)].map(([, seq]) => Number(seq));
  expect(await seqs('show=refused')).toEqual([106]);
  expect(await seqs('event=TAG_UPDATED&q=_103')).toEqual([104]);
  expect(await seqs('q=100%25_7')).toEqual([80, 79, 78, 77, 76, 75, 74, 73, 72, 71, 8]);
  expect(await seqs('q=%25%25')).toEqual([]);
  expect(await seqs('q=DRAFT+propos')).toEqual([106]);
  expect((await seqs('')).length).toBe(100);
  expect(await seqs('before=7')).toEqual([6, 5, 4, 3, 2, 1]);
  expect((await seqs('show=nonsense&before=-1&d=x')).length).toBe(100);
  for (const path of ['/deliveries/999/curl', '/deliveries/x/body', '/deliveries/999/body']) {
    expect((await fetch(inspectorUrl + path)).status).toBe(404);
  }
});

test('shows the attempts, drift and changes of a delivery', async () => {
  const { url, inspectorUrl } = await listening();
  const { currentValue } = fixtures.TODO_MOVED;
  const payload = { ...fixtures.TODO_MOVED, currentValue: { ...currentValue, done: 'yes' } };
  await deliver(url, payload);
  await deliver(url, payload);
  const html = await get(`${inspectorUrl}/?d=1`);
  expect(html).toContain('Genuine, response 204');
  expect(html).toContain('Received 2 times');
  expect(html).toMatch(/<code>currentValue\.done<\/code>, documented as boolean/);
  expect(html).toMatch(/todoList\.title<\/th>\s*<td>.*In progress.*<\/td>\s*<td>.*Done/);
  expect(html).toContain('done, 1 attempt');
});

const hasCurl = spawnSync('curl', ['--version']).status === 0;
test.skipIf(!hasCurl)('the copied curl command sends the same bytes and headers', async () => {
  const arrived: { body: Buffer; header: unknown }[] = [];
  const url = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    arrived.push({ body: Buffer.concat(chunks), header: request.headers['x-odd'] });
    response.end();
  });
  const bodies = [
    `{"it's": "$HOME \`id\` \\\\ !! é 📄"}\n`,
    '@/etc/passwd',
    '',
    '\u001b[2J\r\n\u0000',
    Uint8Array.of(0xff, 0, 10, 39),
    'x'.repeat(300_000),
  ].map((body) => Buffer.from(body as string));
  const odd = `it's "$(id)" \\`;
  for (const body of bodies) {
    const command = curlOf(url, ['X-Odd', odd, 'Connection', 'x-drop', 'X-Drop', '1', 'Host', 'evil'], body);
    expect(command).not.toMatch(/(?!\n)\p{Cc}/u);
    await new Promise<void>((resolve, reject) => {
      const shell = execFile('sh', (error) => (error ? reject(error) : resolve()));
      shell.stdin?.end(command);
    });
  }
  expect(
    arrived.map(({ body }) => body.equals(bodies[arrived.findIndex((one) => one.body === body)] as Buffer)),
  ).toEqual(bodies.map(() => true));
  expect(new Set(arrived.map(({ header }) => header))).toEqual(new Set([odd]));
});
