import { createHmac } from 'node:crypto';
import { samples } from '@blue-webhooks/testing';
import { describe, expect, test } from 'vitest';
import { scratchFile } from './files';
import { run, testSecret } from './run';

const body = '{"event":"TAG_CREATED","currentValue":{"id":"t/1","title":"Zoë 📄"}}';
const payload = JSON.parse(body);
const pretty = JSON.stringify(payload, null, 2);
const mac = (bytes: string | Uint8Array, secret = testSecret) =>
  createHmac('sha256', secret).update(bytes).digest('hex');
const bytes = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding);

interface Case {
  readonly title: string;
  readonly file?: string | Uint8Array;
  readonly signature?: string;
  readonly secret?: string;
  readonly files?: readonly string[];
  readonly causes: readonly string[];
}

const good = mac(body);
const cases: readonly Case[] = [
  { title: 'a secret with a line break at its end', secret: `${testSecret}\n`, causes: ['secret-trimmed'] },
  { title: 'a secret with spaces around it', secret: ` ${testSecret} `, causes: ['secret-trimmed'] },
  {
    title: 'a signer that used the line break as part of the secret',
    signature: mac(body, `${testSecret}\n`),
    causes: ['secret-newline'],
  },
  { title: 'a secret in double quotes', secret: `"${testSecret}"`, causes: ['secret-quoted'] },
  { title: 'a secret in single quotes', secret: `'${testSecret}'`, causes: ['secret-quoted'] },
  {
    title: 'a signer that used quotes as part of the secret',
    signature: mac(body, `"${testSecret}"`),
    causes: ['secret-unquoted'],
  },
  {
    title: 'the secret of another webhook',
    files: ['first', 'second'],
    signature: mac(body, 'second'),
    causes: ['another-secret'],
  },
  { title: 'an empty secret', signature: mac(body, ''), causes: ['secret-empty'] },

  { title: 'a signature over the compact form', file: pretty, signature: good, causes: ['body-compact'] },
  { title: 'a signature over the indented form', signature: mac(pretty), causes: ['body-indented'] },
  {
    title: 'a signature over the form indented with tabs',
    signature: mac(JSON.stringify(payload, null, '\t')),
    causes: ['body-indented'],
  },
  {
    title: "a signature over Python's form",
    signature: mac('{"event": "TAG_CREATED", "currentValue": {"id": "t/1", "title": "Zo\\u00eb \\ud83d\\udcc4"}}'),
    causes: ['body-other-serialiser'],
  },
  {
    title: "a signature over PHP's form",
    signature: mac('{"event":"TAG_CREATED","currentValue":{"id":"t\\/1","title":"Zo\\u00eb \\ud83d\\udcc4"}}'),
    causes: ['body-other-serialiser'],
  },
  {
    title: 'a file whose LF was converted to CRLF',
    file: `${body}\r\n\r\n`,
    signature: mac(`${body}\n\n`),
    causes: ['body-crlf'],
  },
  {
    title: 'a file whose CRLF was converted to LF',
    file: `${body}\n\n`,
    signature: mac(`${body}\r\n\r\n`),
    causes: ['body-crlf'],
  },
  { title: 'a body that lost its byte order mark', signature: mac(`\ufeff${body}`), causes: ['body-bom'] },
  { title: 'a file with a byte order mark', file: `\ufeff${body}`, signature: good, causes: ['body-bom'] },
  { title: 'a file with a line break at its end', file: `${body}\n`, signature: good, causes: ['body-newline'] },
  { title: 'a signature over one more line break', signature: mac(`${body}\n`), causes: ['body-newline'] },
  ...[
    ['\n', '\n\n'],
    ['\n\n', '\n'],
    ['\r\n', '\r\n\r\n'],
    ['\r\n\r\n', '\r\n'],
    ['\n', '\n\r\n'],
    ['\n\n\n', ''],
    ['', '\n\n\n'],
    ['\r\n', ''],
    ['', '\r\n'],
    ['\r\n\n', '\r\n'],
    ['\n', ''],
    ['\r', ''],
    ['\n', '\n\r'],
    ['\r\n', '\r\n\n\n'],
    ['\r', '\r\r\n'],
    ['\n\n\n', '\n\n\n\n\n'],
  ].map(([ofFile, signed]) => ({
    title: `a file that ends with ${JSON.stringify(ofFile)} and a signature over one that ends with ${JSON.stringify(signed)}`,
    file: body + ofFile,
    signature: mac(body + signed),
    causes: ['body-newline'],
  })),
  ...[
    ['\n', '\r\n', ''],
    ['\r\n', '\n', ''],
    ['\r', '\n', ''],
    ['\n', '\r', ''],
    ['\n', '\r\n', '\n'],
    ['\r\n', '\n', '\r\n'],
  ].map(([from = '', to = '', end = '']) => ({
    title: `an indented file with ${JSON.stringify(from)}, signed with ${JSON.stringify(to)}${end && ', and a line break at its end'}`,
    file: pretty.replaceAll('\n', from) + end,
    signature: mac(pretty.replaceAll('\n', to) + (end && to)),
    causes: ['body-crlf'],
  })),
  {
    title: 'other line endings, and a line break missing at the end',
    file: pretty,
    signature: mac(`${pretty.replaceAll('\n', '\r\n')}\r\n`),
    causes: ['body-crlf', 'body-newline'],
  },
  {
    title: 'other line endings, and a line break too many at the end',
    file: `${pretty.replaceAll('\n', '\r\n')}\r\n`,
    signature: mac(pretty),
    causes: ['body-crlf', 'body-newline'],
  },
  {
    title: 'a byte order mark and a line break that an editor added',
    file: `\ufeff${body}\n`,
    signature: good,
    causes: ['body-bom', 'body-newline'],
  },
  {
    title: 'a second byte order mark',
    file: `\ufeff${body}`,
    signature: mac(`\ufeff\ufeff${body}`),
    causes: ['body-bom'],
  },
  ...[
    { signed: `${pretty}\n`, causes: ['body-indented', 'body-newline'] },
    { signed: pretty.replaceAll('\n', '\r\n'), causes: ['body-indented', 'body-crlf'] },
    { signed: `\ufeff${pretty}`, causes: ['body-indented', 'body-bom'] },
  ].map(({ signed, causes }) => ({
    title: `a body that a parser has rewritten as compact JSON: ${causes.join(', ')}`,
    file: body,
    signature: mac(signed),
    causes,
  })),
  {
    title: 'an indented file, signed as compact JSON with a line break at its end',
    file: `${pretty}\n`,
    signature: mac(`${body}\n`),
    causes: ['body-compact', 'body-newline'],
  },
  {
    title: 'a signature over the body with a space at its end',
    signature: mac(`${body} `),
    causes: ['body-whitespace'],
  },
  { title: 'a file with spaces around the body', file: ` ${body}  `, signature: good, causes: ['body-whitespace'] },
  {
    title: 'a file with an empty line before the body',
    file: `\n${body}`,
    signature: good,
    causes: ['body-whitespace'],
  },
  {
    title: 'a file with spaces and a line break at its end',
    file: `${body}  \n`,
    signature: good,
    causes: ['body-whitespace'],
  },
  {
    title: 'a file that curl --data would send',
    file: pretty,
    signature: mac(pretty.replaceAll('\n', '')),
    causes: ['body-no-line-breaks'],
  },
  {
    title: 'a signature over the body decoded as Latin-1',
    signature: mac(bytes(body).toString('latin1')),
    causes: ['body-latin1'],
  },
  {
    title: 'a file that was decoded as Latin-1',
    file: bytes(body).toString('latin1'),
    signature: good,
    causes: ['body-latin1'],
  },
  {
    title: 'a signature over the body decoded as ASCII by Node',
    signature: mac(bytes(body).toString('ascii')),
    causes: ['body-ascii'],
  },
  {
    title: 'a signature over the body with question marks',
    signature: mac(body.replace('ë', '?').replace('📄', '?')),
    causes: ['body-ascii'],
  },
  {
    title: 'a signature over the base64 of the body',
    signature: mac(bytes(body).toString('base64')),
    causes: ['body-base64'],
  },
  {
    title: 'a file that is left in base64',
    file: bytes(body).toString('base64'),
    signature: good,
    causes: ['body-base64'],
  },

  { title: 'a signature in base64', signature: bytes(good, 'hex').toString('base64'), causes: ['signature-base64'] },
  {
    title: 'a signature in base64url',
    signature: bytes(good, 'hex').toString('base64url'),
    causes: ['signature-base64'],
  },
  { title: 'a signature in upper case', signature: good.toUpperCase(), causes: ['signature-upper-case'] },
  { title: "a signature with the prefix 'sha256='", signature: `sha256=${good}`, causes: ['signature-prefixed'] },
  { title: 'a whole header line', signature: `X-Signature: ${good}`, causes: ['signature-prefixed'] },
  { title: 'a signature with a space at its end', signature: `${good} `, causes: ['signature-padded'] },
  { title: 'a truncated signature', signature: good.slice(0, 32), causes: ['signature-truncated'] },

  {
    title: 'several mistakes together',
    secret: `${testSecret}\n`,
    file: pretty,
    signature: `sha256=${good.toUpperCase()}`,
    causes: ['signature-prefixed', 'signature-upper-case', 'secret-trimmed', 'body-compact'],
  },
];

async function ask({ file = body, signature = good, secret = testSecret, files }: Omit<Case, 'title' | 'causes'>) {
  const secrets = (files ?? []).flatMap((content) => ['--secret-file', scratchFile(content)]);
  const args = ['doctor', '--body', scratchFile(file), '--signature', signature, ...secrets];
  const env = files ? {} : { BLUE_WEBHOOK_SECRET: secret };
  const { code, out } = await run([...args, '--json'], { env });
  const printed = await run(args, { env });
  return { code, result: JSON.parse(out), printed };
}

describe('doctor names the cause of', () => {
  test.each(cases)('$title', async ({ causes, ...one }) => {
    const { code, result, printed } = await ask(one);
    expect(result.causes?.map(({ id }: { id: string }) => id)).toEqual(causes);
    expect({ code, matches: result.matches }).toEqual({ code: 1, matches: false });
    // The text output has the cause and the fix, and never the secret.
    for (const { id, cause, fix } of result.causes) {
      for (const text of [id, cause, fix]) expect(printed.out).toContain(text);
    }
    expect(printed.out + printed.err + JSON.stringify(result)).not.toContain(testSecret);
  });
});

test('doctor reports a signature that matches', async () => {
  const { code, result, printed } = await ask({});
  expect(code).toBe(0);
  expect(result).toEqual({ matches: true, causes: [], secret: 'BLUE_WEBHOOK_SECRET' });
  expect(printed.out).toContain('The signature matches');
});

test.each([
  ['a forgery', { signature: mac(body, 'a guess') }],
  ['one changed byte', { file: body.replace('Zoë', 'Zoe') }],
  ['a signature of another body', { signature: samples.TODO_CREATED.signature }],
  ['a string that is not a signature', { signature: 'none' }],
])('doctor reports no cause for %s', async (_title, one) => {
  const { code, result, printed } = await ask(one);
  expect(code).toBe(1);
  expect(result).toEqual({ matches: false, causes: null, secret: null });
  expect(printed.out).toContain('No known mistake');
});

test('doctor accepts a body that is not JSON, empty, or deeply nested', async () => {
  for (const file of ['', 'no JSON', '['.repeat(100_000), `${'['.repeat(100_000)}${']'.repeat(100_000)}`]) {
    expect((await ask({ file, signature: mac(`${file}\n`) })).result.causes).toMatchObject([{ id: 'body-newline' }]);
  }
});
