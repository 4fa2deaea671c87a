import { createReceiver } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/hono';
import { createInbox, memoryStore } from '@blue-webhooks/inbox';
import { samples } from '@blue-webhooks/testing';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { scratchFile } from './files';
import { macOf } from './listening';
import { run, testSecret } from './run';
import { serve, serveApp } from './serve';

const { body, signature } = samples.TODO_CREATED;
const receiver = () => serve(getRequestListener(createReceiver({ secret: testSecret }).fetch));
const statusesOf = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).status);

test('sends a signed event once, and prints the response', async () => {
  const { url, arrived } = await serveApp();
  const { code, out } = await run(['send', 'todo_moved', '--to', url]);
  expect(code).toBe(0);
  expect(out).toMatch(/^\d\d:\d\d:\d\d {2}204 +TODO_MOVED +\S+ +\d+ ms\n$/);
  expect(JSON.parse(String(arrived[0]?.body))).toMatchObject({ event: 'TODO_MOVED' });
  expect(arrived[0]?.headers['content-type']).toBe('application/json');
});

test('sends the bytes of a file', async () => {
  const { url, arrived } = await serveApp();
  expect((await run(['send', scratchFile(body, 'body.json'), '--to', url, '--times', '2'])).code).toBe(0);
  expect(arrived.map((one) => [String(one.body), one.headers['x-signature']])).toEqual([
    [body, signature],
    [body, signature],
  ]);
});

test('generates the event again each time', async () => {
  const { url, arrived } = await serveApp();
  const { err } = await run(['send', 'TAG_CREATED', '--to', url, '--times', '5', '--rate', '1000']);
  expect(err).toBe('5 of 5 accepted.\n');
  expect(new Set(arrived.map((one) => String(one.body))).size).toBe(5);
});

test('sends a scenario, and a receiver accepts all of it', async () => {
  const url = await receiver();
  const { code, out, err } = await run(['send', '--scenario', 'day-in-a-workspace', '--to', url, '--json']);
  expect(code).toBe(0);
  expect(statusesOf(out).length).toBeGreaterThan(200);
  expect(err).toMatch(/^(\d+) of \1 accepted\.\n$/);
});

test('reports an endpoint that accepts tampered deliveries', async () => {
  const refusing = await run(['send', 'TODO_MOVED', '--tamper', '--to', await receiver()]);
  expect(refusing.code).toBe(0);
  expect(refusing.out).toContain(' 401 ');
  const accepting = await run(['send', 'TODO_MOVED', '--tamper', '--to', (await serveApp()).url]);
  expect(accepting.code).toBe(1);
  expect(accepting.err).toContain('accepts tampered deliveries');
});

test('--as-blue disables a receiver that always fails after five attempts', async () => {
  const { url, arrived } = await serveApp(() => 500);
  const args = ['send', 'TODO_MOVED', '--as-blue', '--skip-pauses', '--to', url, '--json'];
  const { code, out, err } = await run(args);
  expect(statusesOf(out)).toEqual([500, 500, 500, 500, 500]);
  expect(new Set(arrived.map((one) => String(one.body))).size).toBe(1);
  expect(err).toContain('1 failed in 5 attempts; the webhook is disabled');
  expect(code).toBe(1);
  const attempts = out.trim().split('\n');
  const startedAtMs = attempts.map((line) => JSON.parse(line).startedAtMs as number);
  const pauses = startedAtMs.slice(1).map((at, place) => Math.round((at - (startedAtMs[place] as number)) / 1_000));
  expect(pauses).toEqual([1, 2, 4, 8]);
  const enabled = attempts.map((line) => JSON.parse(line).webhook.enabled);
  expect(enabled).toEqual([true, true, true, true, false]);
});

const odd: readonly (readonly [string, Buffer])[] = [
  [
    'spaces, escapes and numbers that no serialiser preserves',
    '{ "event":"TAG_CREATED",\t"n": 1.0, "s":"\\u00e9\\/" }',
  ],
  ['a line break at its end', '{"event":"TAG_CREATED"}\n'],
  ['CRLF', '{\r\n"event":"TAG_CREATED"\r\n}\r\n'],
  ['a byte order mark', '\ufeff{"event":"TAG_CREATED"}'],
  ['a webhook of its own', '{"event":"TAG_CREATED","webhook":{"id":"mine","url":"https://example.com/"}}'],
  ['a duplicate key', '{"event":"TAG_DELETED","event":"TAG_CREATED"}'],
  ['an event without a name', '{"event":""}'],
  ['nesting that no serialiser writes', `{"event":"TAG_CREATED","t":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
  ['invalid UTF-8', Uint8Array.from(Buffer.from('{"event":"TAG_CREATED","t":"\xe9\xff"}', 'latin1'))],
].map(([title, bytes]) => [title as string, Buffer.from(bytes as string)] as const);

describe.each([[''], ['--as-blue --skip-pauses'], ['--times 2']])('send FILE %s', (line) => {
  const options = line.split(' ').filter(Boolean);
  test.each(odd)('sends the bytes of a file with %s, signed', async (_title, bytes) => {
    const { url, arrived } = await serveApp();
    for (const [name, stdin] of [[scratchFile(bytes, 'odd.json')], ['-', bytes]] as const) {
      expect(await run(['send', name, '--to', url, ...options], stdin ? { stdin } : {})).toMatchObject({ code: 0 });
    }
    expect(arrived.length).toBeGreaterThan(1);
    for (const one of arrived) {
      expect(one.body.toString('hex')).toBe(bytes.toString('hex'));
      expect(one.headers['x-signature']).toBe(macOf(bytes));
    }
  });
});

test('sends the bytes of a file in each of the five attempts, and derives the delivery id from them', async () => {
  const { url, arrived } = await serveApp(() => 500);
  const bytes = '{"event": "TAG_CREATED", "webhook": {}}\n';
  const args = ['send', scratchFile(bytes, 'odd.json'), '--as-blue', '--skip-pauses', '--to', url, '--json'];
  const { out } = await run(args);
  expect(arrived.map((one) => String(one.body))).toEqual(Array(5).fill(bytes));
  const ids = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).deliveryId);
  expect(ids).toEqual(Array(5).fill(macOf(bytes).slice(0, 32)));
});

test('--tamper changes one byte of a file, and sends the signature of the original', async () => {
  const { url, arrived } = await serveApp(() => 401);
  const bytes = Buffer.from('{"event": "TAG_CREATED", "n": 1.0}\n');
  for (const options of [[], ['--as-blue', '--skip-pauses']]) {
    await run(['send', scratchFile(bytes, 'odd.json'), '--tamper', '--to', url, ...options]);
  }
  for (const one of arrived) {
    expect(one.headers['x-signature']).toBe(macOf(bytes));
    expect([...one.body].filter((byte, place) => byte !== bytes[place])).toHaveLength(1);
  }
});

test('--as-blue keeps the webhook of an inbox enabled if its handler fails', async () => {
  let failures = 0;
  const inbox = createInbox({
    receiver: createReceiver({ secret: testSecret }).on('TODO_MOVED', () => {
      failures += 1;
      throw new Error('always');
    }),
    store: memoryStore(),
    retry: { maxAttempts: 6, firstDelayMs: 1, maxDelayMs: 1 },
    pollMs: 1,
  });
  const dead = new Promise<void>((resolve) => {
    const look = async () => ((await inbox.stats()).dead > 0 ? resolve() : void setImmediate(look));
    void look();
  });
  await inbox.start();
  onTestFinished(() => inbox.stop());
  const url = await serve(getRequestListener(new Hono().post('/webhooks/blue', blueWebhook(inbox)).fetch));
  const { code, err } = await run(['send', 'TODO_MOVED', '--as-blue', '--skip-pauses', '--to', url]);
  expect(code).toBe(0);
  expect(err).toContain('1 delivered in 1 attempts; the webhook stays enabled');
  await dead;
  expect(failures).toBe(6);
});

test('--as-blue --tamper is refused five times', async () => {
  const url = await receiver();
  const { out } = await run(['send', 'TODO_MOVED', '--as-blue', '--skip-pauses', '--tamper', '--to', url, '--json']);
  expect(statusesOf(out)).toEqual([401, 401, 401, 401, 401]);
});

test('stops on Ctrl-C, and prints a summary', async () => {
  const interruption = new AbortController();
  const { url } = await serveApp((_one, place) => {
    if (place === 2) interruption.abort();
    return 204;
  });
  const { signal } = interruption;
  const { code, err } = await run(['send', 'TODO_MOVED', '--times', '1000', '--to', url], { signal });
  expect(code).toBe(130);
  expect(err).toMatch(/^\d of \d accepted\.\n$/);
  const asBlue = await run(['send', 'TODO_MOVED', '--as-blue', '--to', url], { signal });
  expect(asBlue.code).toBe(130);
  expect(asBlue.err).toContain('interrupted');
});

test.each<[string, () => readonly string[], string]>([
  ['no target', () => ['send', 'TODO_MOVED'], '--to URL'],
  ['nothing to send', () => ['send', '--to', 'http://localhost:1'], 'EVENT, FILE.json or --scenario'],
  ['an unknown event', () => ['send', 'TODO_MVED', '--to', 'http://localhost:1'], 'Did you mean TODO_MOVED?'],
  ['an unknown scenario', () => ['send', '--scenario', 'day', '--to', 'http://localhost:1'], 'day-in-a-workspace'],
  ['a file that does not exist', () => ['send', './none.json', '--to', 'http://localhost:1'], 'does not exist'],
  ['bad JSON', () => ['send', scratchFile('{', 'a.json'), '--to', 'http://localhost:1'], 'is not JSON'],
  [
    'JSON that is not a delivery',
    () => ['send', scratchFile('[]', 'a.json'), '--to', 'http://localhost:1'],
    'is not a delivery',
  ],
  ['an unreachable target', () => ['send', 'TODO_MOVED', '--to', 'http://127.0.0.1:1'], 'connection refused'],
  ['a remote target', () => ['send', 'TODO_MOVED', '--to', 'https://example.com/'], '--allow-remote'],
  ['an invalid number', () => ['send', 'TODO_MOVED', '--to', 'http://localhost:1', '--times', 'x'], '--times must'],
  ['a rate of zero', () => ['send', 'TODO_MOVED', '--to', 'http://localhost:1', '--rate', '0'], '--rate must'],
])('%s: prints one line and exits with 2', async (_title, args, words) => {
  const { code, out, err } = await run(args());
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^blue-webhooks: [^\n]+\n$/);
  expect(err).toContain(words);
});
