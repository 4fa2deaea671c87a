import { expect, test } from 'vitest';
import type { BodySource, Host } from '../src/adapter';
import { createReceiver, type RawDelivery, WebhookError } from '../src/index';

/** The message for a body that someone else consumed. */
async function messageFor(delivery: Pick<RawDelivery, 'body' | 'host'>): Promise<string> {
  const receiver = createReceiver({ secret: 'a secret' });
  const error = await receiver
    .verify({ method: 'POST', header: () => undefined, ...delivery })
    .catch((thrown: unknown) => thrown);
  if (!WebhookError.is(error)) throw error;
  expect(error.code).toBe('BODY_ALREADY_READ');
  return error.message;
}

/** A source that finds the body consumed. */
const consumed: BodySource = (sink) => {
  sink.consumed();
  return () => {};
};

/** What the hint of a host names, and no other host's hint does. */
const cures: Readonly<Record<Host | 'none', string>> = {
  'aws-lambda': 'httpJsonBodyParser',
  express: 'express.json({ verify: keepRawBody })',
  hono: 'c.req.arrayBuffer()',
  koa: 'before the body parser, or pass on the text',
  none: 'before anything that reads the body',
};

test.each(Object.entries(cures))(
  'the message for a consumed body on %s names its cure and no other',
  async (host, cure) => {
    const named = host === 'none' ? {} : { host: host as Host };
    for (const body of [undefined, consumed]) {
      const message = await messageFor({ body, ...named } as Pick<RawDelivery, 'body' | 'host'>);
      for (const other of Object.values(cures)) expect(message.includes(other)).toBe(other === cure);
    }
  },
);

test.each([undefined, 'fastify', 'constructor', '__proto__'])(
  'the host %s gets the hint for every host',
  async (host) => {
    expect(await messageFor({ body: undefined, host: host as Host })).toContain(cures.none);
  },
);

test('the stack of an error shows no hint, and expose is false', () => {
  const error = new WebhookError('SIGNATURE_MISMATCH', { hint: "The secret 'tenant-7' begins with whitespace." });
  expect(error.message).toContain('tenant-7');
  expect(String(error.stack)).not.toContain('tenant-7');
  expect(error.expose).toBe(false);
});
