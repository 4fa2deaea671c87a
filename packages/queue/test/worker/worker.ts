/** The Worker of the tests: its handlers call the binding `CRM`, which runs in the test. */
import { createReceiver, type Receiver, UnrecoverableError } from '@blue-webhooks/core';
import {
  type CloudflareBatch,
  type CloudflareQueue,
  createCloudflareConsumer,
  createCloudflareProducer,
} from '../../src/cloudflare/index';
import type { Offload } from '../../src/index';

interface Bucket {
  put(key: string, body: string): Promise<unknown>;
  get(key: string): Promise<{ text(): Promise<string> } | null>;
  delete(key: string): Promise<void>;
}

interface Env {
  readonly SECRET: string;
  readonly OFFLOAD: string;
  readonly QUEUE: CloudflareQueue;
  readonly DEAD?: CloudflareQueue;
  readonly BODIES: Bucket;
  readonly CRM: { fetch(url: string, init: { method: string; body: string }): Promise<Response> };
}

function receiverOf({ SECRET, CRM }: Env): Receiver {
  return createReceiver({ secret: SECRET }).onAny(async (event, { rawBody, attempt }) => {
    if (event.event === 'TODO_DELETED') throw new UnrecoverableError('It cannot be deleted.');
    const response = await CRM.fetch('http://crm', { method: 'POST', body: `${attempt} ${rawBody}` });
    if (!response.ok) throw new Error(`The CRM answered ${response.status}.`);
  });
}

const offloadOf = ({ BODIES, OFFLOAD }: Env): Offload | undefined =>
  OFFLOAD === 'true'
    ? {
        put: (key, body) => BODIES.put(key, body),
        get: async (key) => (await BODIES.get(key))?.text(),
        delete: (key) => BODIES.delete(key),
      }
    : undefined;

export default {
  async fetch(request: Request, env: Env, ctx: unknown): Promise<Response> {
    if (request.method === 'PUT') {
      await env.QUEUE.send(new Uint8Array(await request.arrayBuffer()), { contentType: 'v8' });
      return new Response('sent as another program');
    }
    const producer = createCloudflareProducer({ receiver: receiverOf(env), queue: env.QUEUE, offload: offloadOf(env) });
    return producer.fetch(request, ctx);
  },
  async queue(batch: CloudflareBatch & { readonly queue: string }, env: Env): Promise<void> {
    if (batch.queue !== 'blue') {
      for (const { body } of batch.messages) {
        const text = typeof body === 'string' ? body : new TextDecoder().decode(body as Uint8Array);
        await env.CRM.fetch('http://crm', { method: 'POST', body: `dead ${text}` });
      }
      return;
    }
    const retry = { firstDelayMs: 1_000, maxDelayMs: 1_000, jitter: 0 };
    const consumer = createCloudflareConsumer({
      receiver: receiverOf(env),
      retry,
      offload: offloadOf(env),
      deadLetters: env.DEAD,
    });
    await consumer.queue(batch);
  },
};
