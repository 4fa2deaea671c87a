import { createReceiver, type WebhookError } from '@blue-webhooks/core';
import { signedDelivery } from '@blue-webhooks/testing';
import middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { Context } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { blueWebhook } from '../src/index';
import { doors } from './events';

const secret = 'a secret';

describe.each(Object.entries(doors))('in Middy behind %s', (_door, toEvent) => {
  async function deliver(wrap: (handler: ReturnType<typeof blueWebhook>) => unknown) {
    const errors: WebhookError[] = [];
    const handler = wrap(blueWebhook(createReceiver({ secret, onFailure: (error) => errors.push(error) })));
    const event = toEvent({ method: 'POST', ...(await signedDelivery('TODO_CREATED', { secret })) });
    const result = await (handler as (event: unknown, context: Context) => Promise<object>)(event, {} as Context);
    return { result, errors };
  }

  test('a delivery is accepted', async () => {
    const { result } = await deliver((handler) => middy(handler));
    expect(result).toMatchObject({ statusCode: 204 });
  });

  test('a body that httpJsonBodyParser parsed is answered 500, with the cure for Lambda', async () => {
    const { result, errors } = await deliver((handler) =>
      middy()
        .use(httpJsonBodyParser({ disableContentTypeCheck: true } as object))
        .handler(handler as never),
    );
    expect(result).toMatchObject({ statusCode: 500, body: '{"error":"BODY_ALREADY_READ"}' });
    expect(errors.map(({ code }) => code)).toEqual(['BODY_ALREADY_READ']);
    expect(errors[0]?.message).toContain('httpJsonBodyParser');
    expect(errors[0]?.message).not.toContain('express');
  });
});
