import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createReceiver, sign, verify, verifySignature, type WebhookError } from '../src/index';
import { sample } from './samples';

const { body, signature, secret } = sample('todo-created');

test.each<[string, unknown, string]>([
  ['undefined', undefined, 'environment variable'],
  ['null', null, 'environment variable'],
  ['empty', '', 'is empty'],
  ['blank', ' \n', 'is blank'],
  ['no bytes', new Uint8Array(), 'is empty'],
  ['a number', 42, 'must be a string'],
  ['an object without a secret', {}, 'must be a string'],
  ['an empty list', [], 'list of secrets is empty'],
  ['a list with an empty one', ['one', ''], 'secret[1] is empty'],
  ['a list with an undefined one', ['one', undefined], 'secret[1] is undefined'],
  ['a record with a blank one', { id: 'new', secret: ' ' }, 'secret.secret is blank'],
  ['a record with a number for a name', { id: 5, secret: 'one' }, 'secret.id'],
  ['a record without a name', { id: '', secret: 'one' }, 'secret.id'],
  ['seventeen', Array.from({ length: 17 }, (_, i) => `secret ${i}`), 'at most 16'],
])('a secret that is %s throws at construction and says why', async (_title, bad, message) => {
  const options = { secret: bad as string };
  expect(() => createReceiver(options)).toThrow(TypeError);
  expect(() => createReceiver(options)).toThrow(message);
  await expect(verify({ body, signature, ...options })).rejects.toThrow(message);
});

test('a secret that cannot be read is refused without what its getter threw', async () => {
  const hidden = 'ciphertext-of-the-secret';
  const record = {
    id: 'main',
    get secret(): string {
      throw Object.assign(new Error(`cannot decrypt "${hidden}"`), { hidden });
    },
  };
  const errors: unknown[] = [];
  const receiver = createReceiver({ secret: () => record, onFailure: (error) => errors.push(error) });
  const header = (name: string) => (name === 'x-signature' ? signature : undefined);
  expect(await receiver.handle({ method: 'POST', header, body })).toMatchObject({ status: 503 });
  expect(errors).toMatchObject([{ code: 'SECRET_LOOKUP_FAILED', cause: { name: 'DriverError' } }]);
  expect(inspect(errors, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(hidden);
});

test('options are required', () => {
  expect(() => createReceiver(undefined as never)).toThrow('createReceiver({ secret');
  expect(() => createReceiver(null as never)).toThrow('createReceiver({ secret');
  expect(() => createReceiver({} as never)).toThrow(TypeError);
  expect(() => createReceiver({ secret: undefined, allowUnsigned: true } as never)).toThrow(TypeError);
});

test.each(['maxBodyBytes', 'bodyTimeoutMs', 'deadlineMs'])('%s must be a positive integer', (name) => {
  for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1.5, '5mb', '1000', {}, []]) {
    expect(() => createReceiver({ secret, [name]: bad as number })).toThrow(TypeError);
    expect(() => createReceiver({ secret, [name]: bad as number })).toThrow(`${name} must be a positive integer`);
  }
});

test('several secrets are accepted at the same time, and the delivery says which one matched', async () => {
  const named = [{ id: 'old', secret: 'another' }, { id: 'new', secret }, 'a third'];
  expect((await verify({ body, signature, secret: named })).secretId).toBe('new');
  const third = await verify({ body, signature: await sign(body, 'a third'), secret: named });
  expect(third.secretId).toBe('2');
  expect((await verify({ body, signature, secret })).secretId).toBe('0');
});

test('sixteen secrets are not too many', async () => {
  const many = [...Array.from({ length: 15 }, (_, i) => `secret ${i}`), secret];
  expect((await verify({ body, signature, secret: many })).secretId).toBe('15');
});

test('secrets that are used in turn never stand in for one another, however many there are', async () => {
  const many = Array.from({ length: 40 }, (_, i) => `secret ${i}`);
  const signatures = await Promise.all(many.map((each) => sign(body, each)));
  expect(new Set(signatures).size).toBe(many.length);
  for (let pass = 0; pass < 2; pass++) {
    for (const [place, each] of many.entries()) {
      const next = signatures[(place + 1) % many.length] as string;
      expect(await verifySignature({ body, signature: signatures[place], secret: each })).toBe(true);
      expect(await verifySignature({ body, signature: next, secret: each })).toBe(false);
      expect(await sign(body, each)).toBe(signatures[place]);
    }
  }
});

test('bytes that change between two calls are another secret', async () => {
  const bytes = new TextEncoder().encode(secret);
  expect(await verifySignature({ body, signature, secret: bytes })).toBe(true);
  bytes[0] = (bytes[0] as number) ^ 1;
  expect(await verifySignature({ body, signature, secret: bytes })).toBe(false);
  expect(await verifySignature({ body, signature: await sign(body, bytes), secret: bytes })).toBe(true);
});

test('the same text keeps its name, its place and its whitespace apart from call to call', async () => {
  const padded = ` ${secret}`;
  const genuine = await sign(body, padded);
  expect((await verify({ body, signature: genuine, secret: { id: 'named', secret: padded } })).secretId).toBe('named');
  expect((await verify({ body, signature: genuine, secret: ['other', padded] })).secretId).toBe('1');
  expect((await verify({ body, signature: genuine, secret: padded })).secretId).toBe('0');
  await expect(verify({ body, signature: genuine, secret })).rejects.toMatchObject({ code: 'SIGNATURE_MISMATCH' });
  await expect(verify({ body, signature, secret: padded })).rejects.toThrow('begins or ends with whitespace');
});

test('a secret that was refused once is refused again', async () => {
  for (let i = 0; i < 2; i++) await expect(sign(body, ' ')).rejects.toThrow('secret is blank');
});

test('bytes are taken as they are when the receiver is made', async () => {
  const bytes = new TextEncoder().encode(secret);
  const receiver = createReceiver({ secret: bytes });
  bytes.fill(0);
  const header = (name: string) => (name === 'x-signature' ? signature : undefined);
  expect((await receiver.handle({ method: 'POST', header, body })).status).toBe(204);
});

test('only a secret with whitespace around it is called a likely mistake, also after others have failed', async () => {
  const messages: string[] = [];
  const lists = [['fine'], ['fine', { id: 'padded', secret: ' not fine' }]];
  const receiver = createReceiver({ secret: () => lists.shift(), onFailure: ({ message }) => messages.push(message) });
  const header = (name: string) => (name === 'x-signature' ? signature : undefined);
  for (let i = 0; i < 2; i++) await receiver.handle({ method: 'POST', header, body });
  expect(messages[0]).not.toContain('whitespace');
  expect(messages[1]).toContain("The secret 'padded' begins or ends with whitespace");
});

test('whitespace around a secret is kept, and named once as the likely mistake when verification fails', async () => {
  const padded = `${secret}\n`;
  expect((await verify({ body, signature: await sign(body, padded), secret: padded })).signature).toBe('verified');
  const errors: WebhookError[] = [];
  const receiver = createReceiver({ secret: { id: 'main', secret: padded }, onFailure: (error) => errors.push(error) });
  const raw = { method: 'POST', header: (name: string) => (name === 'x-signature' ? signature : undefined), body };
  await receiver.handle(raw);
  await receiver.handle(raw);
  expect(errors.map(({ code }) => code)).toEqual(['SIGNATURE_MISMATCH', 'SIGNATURE_MISMATCH']);
  expect(errors[0]?.message).toContain("'main' begins or ends with whitespace");
  expect(errors[1]?.message).not.toContain('whitespace');
  expect(errors[0]?.message).not.toContain(secret);
});
