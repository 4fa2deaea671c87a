import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { safeVerify, WebhookError } from '../src/index';
import { sign, verifySignature } from '../src/verify-signature';
import { sample, sampleNames } from './samples';

interface VectorGroup {
  readonly tagSize: number;
  readonly tests: readonly { tcId: number; key: string; msg: string; tag: string; result: string }[];
}
const vectors = new URL('./vectors/hmac_sha256_wycheproof.json', import.meta.url);
const { testGroups } = JSON.parse(readFileSync(vectors, 'utf8')) as { testGroups: VectorGroup[] };
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

test.each(sampleNames)('%s carries the signature that openssl gives it', async (name) => {
  const { body, signature, secret } = sample(name);
  expect(await sign(body, secret)).toBe(signature);
  expect(await verifySignature({ body, signature, secret })).toBe(true);
  expect(await verifySignature({ body, signature, secret: `${secret}!` })).toBe(false);
});

test('every Wycheproof vector gets its verdict, and a truncated tag is never accepted', async () => {
  const accepted = { full: 0, truncated: 0 };
  for (const { tagSize, tests } of testGroups) {
    for (const { key, msg, tag, result, tcId } of tests) {
      const genuine = await verifySignature({ body: bytes(msg), signature: tag, secret: bytes(key) });
      expect(genuine, `test ${tcId}`).toBe(tagSize === 256 && result === 'valid');
      if (genuine) accepted[tagSize === 256 ? 'full' : 'truncated'] += 1;
    }
  }
  expect(accepted).toEqual({ full: 33, truncated: 0 });
});

test.each([
  ['1', '0b'.repeat(20), '4869205468657265', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    '2',
    '4a656665',
    '7768617420646f2079612077616e7420666f72206e6f7468696e673f',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  ['3', 'aa'.repeat(20), 'dd'.repeat(50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
  [
    '6',
    'aa'.repeat(131),
    '54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
])('RFC 4231 test case %s', async (_case, key, data, mac) => {
  expect(await sign(bytes(data), bytes(key))).toBe(mac);
});

test('openssl signs random bodies as we do, under short, long and binary keys', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bodies-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const bodies = fc.sample(fc.uint8Array({ maxLength: 5_000 }), 30);
  const files = bodies.map((body, place) => {
    const file = join(folder, String(place));
    writeFileSync(file, body);
    return file;
  });
  for (const key of fc.sample(fc.uint8Array({ minLength: 1, maxLength: 200 }), 12)) {
    const args = ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${Buffer.from(key).toString('hex')}`, ...files];
    const printed = execFileSync('openssl', args, { encoding: 'utf8' }).trim().split('\n');
    const signatures = await Promise.all(bodies.map((body) => sign(body, key)));
    expect(signatures).toEqual(printed.map((line) => line.split(' ').at(-1)));
  }
});

describe('for any body and any secret', () => {
  const secrets = fc.oneof(
    fc.string({ minLength: 1, unit: 'binary' }).filter((text) => text.trim() !== ''),
    fc.uint8Array({ minLength: 1, maxLength: 200 }),
  );

  test('what is signed is verified, and node:crypto signs the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), secrets, async (body, secret) => {
        const signature = await sign(body, secret);
        expect(signature).toBe(createHmac('sha256', secret).update(body).digest('hex'));
        expect(await verifySignature({ body, signature, secret })).toBe(true);
      }),
    );
  });

  test('safeVerify never rejects, whatever arrives', async () => {
    const header = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[0-9a-f]{64}$/),
      fc.array(fc.string()),
      fc.constantFrom(null, undefined),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 500 }),
        secrets,
        header,
        fc.boolean(),
        async (body, secret, signature, genuine) => {
          const sent = genuine ? await sign(body, secret) : signature;
          const result = await safeVerify({ body, signature: sent, secret });
          if (!result.ok) expect(WebhookError.is(result.error)).toBe(true);
        },
      ),
    );
  });

  test('a single bit flipped, in the body or in the signature, is a forgery', async () => {
    const body = fc.uint8Array({ minLength: 1, maxLength: 500 });
    await fc.assert(
      fc.asyncProperty(body, secrets, fc.nat(), fc.nat({ max: 255 }), async (genuine, secret, place, bit) => {
        const signature = await sign(genuine, secret);
        const forged = genuine.slice();
        const at = place % forged.length;
        forged[at] = (forged[at] as number) ^ (1 << (bit % 8));
        expect(await verifySignature({ body: forged, signature, secret })).toBe(false);
        const mac = Buffer.from(signature, 'hex');
        mac[bit >> 3] = (mac[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(await verifySignature({ body: genuine, signature: mac.toString('hex'), secret })).toBe(false);
      }),
    );
  });
});

test('text is hashed as UTF-8', async () => {
  expect(await sign('Grüße 👋', 'Schlüssel')).toBe(createHmac('sha256', 'Schlüssel').update('Grüße 👋').digest('hex'));
});

test('views keep their offset and length, whatever buffer they look into', async () => {
  const backing = new TextEncoder().encode('before{"event":"X"}after');
  const secret = 'a secret';
  const signature = await sign('{"event":"X"}', secret);
  const { buffer } = backing;
  const bodies = [
    backing.subarray(6, 19),
    new DataView(buffer, 6, 13) as unknown as Uint8Array,
    Buffer.from(buffer, 6, 13),
    Buffer.from('{"event":"X"}'),
    buffer.slice(6, 19),
    runInNewContext('new Uint8Array(bytes).buffer', { bytes: [...backing.subarray(6, 19)] }) as ArrayBuffer,
  ];
  for (const body of bodies) expect(await verifySignature({ body, signature, secret })).toBe(true);
  for (const body of [backing, backing.subarray(7, 20), buffer]) {
    expect(await verifySignature({ body, signature, secret })).toBe(false);
  }
});

describe('a signature is exactly 64 lowercase hex characters, once', () => {
  const { body, signature, secret } = sample('todo-created');
  test.each([
    ['missing', undefined],
    ['null', null],
    ['empty', ''],
    ['upper case', signature.toUpperCase()],
    ['one character short', signature.slice(0, 63)],
    ['one character long', `${signature}0`],
    ['an even shorter prefix', signature.slice(0, 2)],
    ['a space before', ` ${signature.slice(1)}`],
    ['a newline after', `${signature.slice(0, 63)}\n`],
    ['prefixed', `sha256=${signature}`],
    ['twice, joined by a proxy', `${signature}, ${signature}`],
    ['twice, in a list', [signature, signature]],
    ['an empty list', []],
    ['base64', Buffer.from(signature, 'hex').toString('base64')],
    ['characters that alias hex digits', signature.replace(/[0-9]/, String.fromCharCode(0x130))],
    ['full-width digits', signature.replace(/[0-9]/, '\uff11')],
    ['a String object', new String(signature) as unknown as string],
  ])('%s is refused', async (_title, header) => {
    expect(await verifySignature({ body, signature: header, secret })).toBe(false);
  });

  test('a list of one is that one', async () => {
    expect(await verifySignature({ body, signature: [signature], secret })).toBe(true);
  });
});

test.each([[{}], [[]], [null], [undefined], [42]])(
  'a body that is %o is a TypeError that asks for the raw body',
  async (body) => {
    const call = verifySignature({ body: body as unknown as string, signature: '', secret: 'a secret' });
    await expect(call).rejects.toThrow(TypeError);
    await expect(call).rejects.toThrow('pass the raw body');
  },
);
