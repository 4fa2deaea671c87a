import { createHmac, timingSafeEqual } from 'node:crypto';
import { createReceiver, safeVerify, sign, verifySignature } from '@blue-webhooks/core';
import { samples, sampleSecret as secret } from '@blue-webhooks/testing';
import { describe, expect, test } from 'vitest';

const { body, signature } = samples.TODO_DONE_STATUS_UPDATED;

describe('what the page about hand-written receivers claims', () => {
  test.each([
    ['another length', `${signature}00`, RangeError],
    ['no header', undefined, TypeError],
  ])("holds for Blue's own sample and a header of %s, which the library refuses", async (_, header, error) => {
    const digest = createHmac('sha256', secret).update(body).digest('hex');
    const sample = () => timingSafeEqual(Buffer.from(header as string), Buffer.from(digest));
    expect(sample).toThrow(error);
    expect(await verifySignature({ body, signature: header, secret })).toBe(false);
  });

  test('holds for a prefix, and for the members that Blue never sends', async () => {
    expect(await safeVerify({ body, signature: `sha256=${signature}`, secret })).toMatchObject({ ok: false });
    expect(Object.keys(JSON.parse(body))).toEqual(['event', 'webhook', 'previousValue', 'currentValue']);
  });

  test('answers a malformed and a wrong signature alike', async () => {
    const receiver = createReceiver({ secret });
    const answers = ['sha256=', 'z'.repeat(64), '0'.repeat(64)].map(async (header) => {
      const request = new Request('http://localhost/', { method: 'POST', body, headers: { 'x-signature': header } });
      const response = await receiver.fetch(request);
      return [response.status, await response.text()];
    });
    expect(new Set((await Promise.all(answers)).map(String)).size).toBe(1);
  });
});

test.each(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'pat_MfKQ9r8GKYqr'])(
  'the secret %s is used as it is: nothing is decoded, and no prefix is removed',
  async (text) => {
    expect(await sign(body, text)).toBe(createHmac('sha256', text).update(body, 'utf8').digest('hex'));
  },
);
