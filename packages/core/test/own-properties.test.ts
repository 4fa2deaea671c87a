import { afterEach, expect, test } from 'vitest';
import { createReceiver, type RawDelivery, sign, verify, verifyRequest, verifySignature } from '../src/index';

const secret = 'a secret';
const attackers = 'the secret of an attacker';
const body = '{"event":"TODO_CREATED","currentValue":{"id":"1"}}';

const polluted = Object.prototype as Record<string, unknown>;
afterEach(() => {
  for (const name of ['secret', 'allowUnsigned', 'id']) Reflect.deleteProperty(polluted, name);
});

async function forged(): Promise<RawDelivery> {
  const signature = await sign(body, attackers);
  const header = (name: string) => (name === 'x-signature' ? signature : undefined);
  return { method: 'POST', header, body: new TextEncoder().encode(body) };
}

test('a secret on Object.prototype is the secret of no receiver, no call and no entry', async () => {
  const signature = await sign(body, attackers);
  polluted.secret = attackers;
  const request = new Request('http://localhost/', { method: 'POST', headers: { 'x-signature': signature }, body });
  expect(() => createReceiver({} as never)).toThrow('secret is undefined');
  await expect(verify({ body, signature } as never)).rejects.toThrow('secret is undefined');
  await expect(verifySignature({ body, signature } as never)).rejects.toThrow('secret is undefined');
  await expect(verifyRequest(request, {} as never)).rejects.toThrow('secret is undefined');
  expect(() => createReceiver({ secret: [{ id: 'a' } as never] })).toThrow(
    'secret[0] must be a string or a Uint8Array',
  );
  expect((await createReceiver({ secret: () => ({ id: 'a' }) as never }).handle(await forged())).code).toBe(
    'SECRET_LOOKUP_FAILED',
  );
  expect((await createReceiver({ secret: [new TextEncoder().encode(secret)] }).handle(await forged())).code).toBe(
    'SIGNATURE_MISMATCH',
  );
});

test('an id on Object.prototype names no secret', () => {
  polluted.id = 'polluted';
  expect(() => createReceiver({ secret: { secret } as never })).toThrow('secret.id must be');
});

test('allowUnsigned on Object.prototype, or inherited, accepts nothing', async () => {
  polluted.allowUnsigned = true;
  const unsigned: RawDelivery = { method: 'POST', header: () => undefined, body: new TextEncoder().encode(body) };
  expect((await createReceiver({ secret }).handle(unsigned)).code).toBe('SIGNATURE_MISSING');
  expect(() => createReceiver({} as never)).toThrow('secret is undefined');
  Reflect.deleteProperty(polluted, 'allowUnsigned');
  const inherited = Object.assign(Object.create({ allowUnsigned: true }), { secret });
  expect((await createReceiver(inherited).handle(unsigned)).code).toBe('SIGNATURE_MISSING');
});

test('an inherited secret is ignored', () => {
  expect(() => createReceiver(Object.create({ secret: attackers }))).toThrow('secret is undefined');
  const entry = Object.assign(Object.create({ secret: attackers }), { id: 'a' });
  expect(() => createReceiver({ secret: entry })).toThrow('secret must be a string or a Uint8Array');
});
