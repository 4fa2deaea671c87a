import { createHmac } from 'node:crypto';
import { samples } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';
import { printable } from '../src/printable';
import { scratchFile, scratchFolder } from './files';
import { run, testSecret } from './run';

const { body, signature } = samples.TODO_CREATED;

test('sign prints the same header as openssl, for a file and for standard input', async () => {
  const header = { code: 0, out: `X-Signature: ${signature}\n`, err: '' };
  expect(await run(['sign', scratchFile(body)])).toEqual(header);
  expect(await run(['sign'], { stdin: body })).toEqual(header);
  expect(JSON.parse((await run(['sign', '-', '--json'], { stdin: body })).out)).toEqual({ 'x-signature': signature });
});

const odd = [
  '\ufeff{}',
  '{\r\n}\r\n',
  '{}\n',
  '',
  Uint8Array.of(0xff, 0, 0xc3, 0x0a),
  Buffer.from('{"event":"X","t":"\xe9"}', 'latin1'),
];
test.each(odd.map((bytes) => [Buffer.from(bytes as string)]))(
  'sign, verify and doctor use the bytes %j unchanged',
  async (bytes) => {
    const mac = createHmac('sha256', testSecret).update(bytes).digest('hex');
    for (const [name, stdin] of [[scratchFile(bytes)], ['-', bytes]] as const) {
      const options = stdin ? { stdin } : {};
      expect((await run(['sign', name], options)).out).toBe(`X-Signature: ${mac}\n`);
      expect(await run(['verify', name, '--signature', mac], options)).toMatchObject({ code: 0, err: '' });
      const { out } = await run(['verify', name, '--signature', mac, '--json'], options);
      expect(JSON.parse(out)).toMatchObject({ genuine: true, secret: 'BLUE_WEBHOOK_SECRET' });
      expect((await run(['verify', name, '--signature', 'f'.repeat(64)], options)).code).toBe(1);
      expect((await run(['doctor', '--body', name, '--signature', mac], options)).out).toContain(
        'The signature matches',
      );
    }
  },
);

test('a line break at the end of a secret file is ignored', async () => {
  const file = scratchFile(`${testSecret}\n`);
  expect((await run(['sign', '--secret-file', file], { stdin: body, env: {} })).out).toContain(signature);
});

test('verify prints which secret matched', async () => {
  const old = scratchFile('an old one', 'old');
  const current = scratchFile(testSecret, 'current');
  const args = ['verify', '--signature', signature, '--secret-file', old, '--secret-file', current];
  const printed = await run(args, { stdin: body, env: {} });
  expect(printed).toMatchObject({ code: 0, err: '' });
  expect(printed.out).toContain('TODO_CREATED');
  expect(printed.out).toContain(current);
  const { out } = await run([...args, '--json'], { stdin: body, env: {} });
  expect(JSON.parse(out)).toMatchObject({ genuine: true, event: 'TODO_CREATED', secret: current, drift: [] });
});

test('verify exits with 1 for a forgery', async () => {
  const forged = await run(['verify', '--signature', signature], { stdin: `${body} ` });
  expect(forged.code).toBe(1);
  expect(forged.out).toContain('SIGNATURE_MISMATCH');
});

test('events lists the catalogue, and prints a sample for a name in any case', async () => {
  const { out } = await run(['events']);
  expect(out).toContain('checklistItem');
  expect(out).toContain('TODO_CHECKLIST_ITEM_DONE_STATUS_UPDATED');
  expect(Object.values(JSON.parse((await run(['events', '--json'])).out)).flat()).toContain('WEBHOOK_HEALTH_CHECK');
  expect(JSON.parse((await run(['events', 'todo_moved'])).out)).toMatchObject({ event: 'TODO_MOVED' });
});

test('prints help for the program and for each command', async () => {
  const { code, out } = await run(['--help']);
  expect(code).toBe(0);
  const names = [...out.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name as string);
  expect(names.length).toBeGreaterThan(3);
  for (const name of names) {
    expect(await run([name, '--help'])).toMatchObject({ code: 0, err: '' });
    expect((await run(['help', name])).out).toContain(`Usage: blue-webhooks ${name}`);
  }
  expect((await run(['--version'])).out).toBe('1.2.3\n');
});

const missing = { env: {} };
const file = () => scratchFile(body);
test.each<[string, () => readonly string[], string, object?]>([
  ['an unknown command', () => ['lisen'], 'Did you mean listen?'],
  ['an unknown option', () => ['sign', '--jsn'], 'Did you mean --json?'],
  ['an option without its value', () => ['verify', '--signature'], 'argument missing'],
  ['a surplus argument', () => ['sign', file(), 'surplus'], "Unexpected argument 'surplus'"],
  ['a missing signature', () => ['verify', file()], '--signature'],
  ['a missing secret', () => ['sign', file()], 'BLUE_WEBHOOK_SECRET', missing],
  ['a blank secret', () => ['sign', file()], 'empty', { env: { BLUE_WEBHOOK_SECRET: ' \n' } }],
  ['an empty secret file', () => ['sign', file(), '--secret-file', scratchFile('')], 'empty', missing],
  ['a file that does not exist', () => ['sign', 'nowhere.json'], 'does not exist'],
  ['a folder for a file', () => ['sign', scratchFolder()], 'it is a folder'],
  ['no file and no standard input', () => ['sign'], 'pipe the body to standard input'],
  ['an unknown event', () => ['events', 'TODO_MVED'], 'Did you mean TODO_MOVED?'],
  ['an event without similar names', () => ['events', 'xyz'], 'lists the events'],
  ['doctor with --body alone', () => ['doctor', '--body', file()], '--signature'],
  ['an invalid URL', () => ['doctor', '--url', 'localhost:3000'], 'must be a URL'],
  ['a URL with a password', () => ['doctor', '--url', 'http://a:b@localhost/'], 'must not contain a user name'],
])('%s: prints one line and exits with 2', async (_title, args, words, options = {}) => {
  const { code, out, err } = await run(args(), options);
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err).toMatch(/^blue-webhooks: [^\n]+\n$/);
  expect(err).toContain(words);
  expect(err).not.toContain(testSecret);
});

test.each([
  ['a secret in place of its file', ['sign', '--secret-file', testSecret]],
  ['a URL with a password', ['doctor', '--url', `http://a:${testSecret}@localhost/`]],
  ['a URL of another scheme with a password', ['send', 'TODO_MOVED', '--to', `ftp://a:${testSecret}@localhost/`]],
  ['an invalid URL with a password', ['listen', '--forward', `a:${testSecret}@localhost`]],
])('does not print the secret of %s', async (_title, args) => {
  const { code, out, err } = await run(args, { stdin: body, env: {} });
  expect(code).toBe(2);
  expect(err).toMatch(/^blue-webhooks: [^\n]+\n$/);
  expect(out + err).not.toContain(testSecret);
});

test('escapes control characters of untrusted text in the terminal', async () => {
  const hostile = 'TODO\u001b[2J\u0007\u009b31m\u202e\nNEXT';
  const escaped = String.raw`TODO\x1b[2J\x07\x9b31m\u{202e}\x0aNEXT`;
  expect(printable(hostile)).toBe(escaped);
  const payload = JSON.stringify({ event: hostile, currentValue: { id: '1' } });
  const header = (await run(['sign'], { stdin: payload })).out.trim().split(' ')[1] as string;
  const { out } = await run(['verify', '--signature', header], { stdin: payload });
  expect(out).toContain(escaped);
  expect(out).not.toMatch(/(?!\n)\p{Cc}/u);
  const { out: json } = await run(['verify', '--signature', header, '--json'], { stdin: payload });
  expect(json).not.toMatch(/(?!\n)\p{Cc}/u);
  expect(JSON.parse(json).event).toBe(hostile);
  for (const args of [['\u001b[2J'], ['events', '\u001b[2J'], ['sign', '\u001b[2J'], ['sign', '--\u001b[2J']]) {
    expect((await run(args)).err).not.toMatch(/(?!\n)\p{Cc}/u);
  }
});

test('prints colours to terminals only, unless NO_COLOR is set', async () => {
  const args = ['verify', '--signature', signature];
  const colour = '\u001b[';
  const env = { BLUE_WEBHOOK_SECRET: testSecret };
  expect((await run(args, { stdin: body })).out).not.toContain(colour);
  expect((await run(args, { stdin: body, isTTY: true })).out).toContain(colour);
  expect((await run(args, { stdin: body, isTTY: true, env: { ...env, NO_COLOR: '1' } })).out).not.toContain(colour);
});
