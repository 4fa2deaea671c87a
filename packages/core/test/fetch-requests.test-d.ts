import { app, type HttpRequest } from '@azure/functions';
import type { Request as UndiciRequest } from 'undici';
import { toRawDelivery } from '../src/adapter';
import { createReceiver, verifyRequest } from '../src/index';

const secret = process.env.BLUE_WEBHOOK_SECRET;
const receiver = createReceiver({ secret });

export const onAzure = (request: HttpRequest) => receiver.fetch(request);
export const onUndici = (request: UndiciRequest) => receiver.fetch(request);
export const onTheWeb = (request: Request) => receiver.fetch(request);
export const verified = (request: HttpRequest) => verifyRequest(request, { secret });
export const raw = (request: UndiciRequest) => toRawDelivery(request);

app.http('blue', {
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async (request) => {
    const { status, headers, body } = await receiver.fetch(request);
    return {
      status,
      headers: [...headers] as [string, string][],
      ...(body ? { body: await new Response(body).text() } : {}),
    };
  },
});

/** The platforms pass what they like as the second argument. */
export const onWorkers = {
  fetch: (request: Request, _env: object, ctx: { waitUntil(work: Promise<unknown>): void }) =>
    receiver.fetch(request, ctx),
};
export const byReference: (request: Request, env: { BLUE_WEBHOOK_SECRET: string }) => Promise<Response> =
  receiver.fetch;

// @ts-expect-error a request has a method, headers and a body
receiver.fetch({ method: 'POST' });
