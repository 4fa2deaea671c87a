import { describe, expect, test } from 'vitest';
import { createDeliveryVerifier, type DeliveryVerifierOptions } from '../src/adapter';
import { memoryLedger, sign } from '../src/index';

const secret = 'a secret';

describe.each([
  ['ledger', memoryLedger()],
  ['deadLetter', () => {}],
  ['onOutcome', () => {}],
  ['projects', ['clakt90vu0000']],
] as const)('createDeliveryVerifier with %s, which only a receiver uses', (name, value) => {
  const create = (given: unknown) => () =>
    createDeliveryVerifier({ secret, [name]: given } as unknown as DeliveryVerifierOptions);

  test('throws a TypeError that names the cure', () => {
    expect(create(value)).toThrow(TypeError);
    expect(create(value)).toThrow(`\`${name}\` has no effect on verification`);
    expect(create(value)).toThrow('createReceiver');
  });

  test('also throws for null, and accepts undefined', () => {
    expect(create(null)).toThrow(TypeError);
    expect(create(undefined)).not.toThrow();
  });
});

test('createDeliveryVerifier without options throws a TypeError that shows how to pass them', () => {
  expect(() => createDeliveryVerifier(undefined as unknown as DeliveryVerifierOptions)).toThrow(TypeError);
});

test('createDeliveryVerifier calls onFailure and onDrift, and applies the limits', async () => {
  const codes: string[] = [];
  const drifts: string[] = [];
  const verify = createDeliveryVerifier({
    secret,
    maxBodyBytes: 100,
    onFailure: ({ code }) => codes.push(code),
    onDrift: ([drift]) => drifts.push(drift?.path ?? ''),
  });
  const body = new TextEncoder().encode('{"event":"TAG_CREATED","currentValue":{"id":"1","title":"a","color":7}}');
  const signature = await sign(body, secret);
  const raw = (bytes: Uint8Array) => ({ method: 'POST', header: () => signature, body: bytes });
  const header = (name: string) => (name === 'x-signature' ? signature : undefined);
  expect((await verify({ method: 'POST', header, body })).event.event).toBe('TAG_CREATED');
  await expect(verify({ ...raw(new Uint8Array(101)), header })).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
  expect([codes, drifts]).toEqual([['BODY_TOO_LARGE'], ['currentValue.color']]);
});
