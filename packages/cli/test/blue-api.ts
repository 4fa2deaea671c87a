import { createServer } from 'node:http';
import { join } from 'node:path';
import { createBlueClient } from '@blue-webhooks/api';
import { createReceiver, type DeliveryHandler } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/express';
import { createInbox, sqliteStore } from '@blue-webhooks/inbox';
import { type ApiOptions, createBlueSimulator, createVirtualClock } from '@blue-webhooks/testing';
import { expect, onTestFinished } from 'vitest';
import { scratchFolder } from './files';
import { type Ran, type RunOptions, run } from './run';

export const secret = 'the secret of the webhook';
export const tokenSecret = 'pat_4e1a7c90d2b3';
const tokens = [{ id: 'token-1', secret: tokenSecret }];
const unlimited = { key: 100_000, user: 100_000, organization: 100_000 };
export const printed: string[] = [];

/** A simulated Blue behind HTTP, and the endpoint of its webhook. */
export async function startBlue(api: ApiOptions = {}) {
  const endpoint = { up: true, receiver: createReceiver({ secret }) as DeliveryHandler };
  const server = createServer((req, res) =>
    endpoint.up ? blueWebhook(endpoint.receiver as never)(req, res, () => res.end()) : res.writeHead(503).end(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/webhooks/blue`;
  const clock = createVirtualClock();
  const blue = createBlueSimulator({ url, secret, clock, api: { tokens, requestsPerMinute: unlimited, ...api } });
  const listening = await blue.api.listen();
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await listening.close();
  });
  const env = {
    BLUE_TOKEN_ID: 'token-1',
    BLUE_TOKEN_SECRET: tokenSecret,
    BLUE_ORG_ID: 'rogue',
    BLUE_API_URL: listening.url,
    BLUE_WEBHOOK_SECRET: secret,
  };
  const blueWebhooks = async (args: string, options: RunOptions = {}): Promise<Ran> => {
    const ran = await run([...args.split(' '), '--rate', '3000'], { env, ...options });
    printed.push(ran.out, ran.err);
    return ran;
  };
  const client = createBlueClient({
    tokenId: env.BLUE_TOKEN_ID,
    tokenSecret,
    organizationId: env.BLUE_ORG_ID,
    endpoint: listening.url,
    requestsPerMinute: 3_000,
  });
  const mutations = () => blue.api.requests.filter(({ kind }) => kind === 'mutation').length;
  return { blue, clock, endpoint, url, env, client, blueWebhooks, mutations };
}

/** Checks that neither the secret nor the token was printed. */
export function expectNothingSecret(): void {
  const all = printed.splice(0).join('\n');
  for (const hidden of [secret, tokenSecret, tokenSecret.slice(4)]) expect(all).not.toContain(hidden);
}

/** Runs an inbox as the endpoint. */
export async function startInbox(
  { endpoint }: Pick<Awaited<ReturnType<typeof startBlue>>, 'endpoint'>,
  receiver = createReceiver({ secret }),
): Promise<string> {
  const db = join(scratchFolder(), 'blue-inbox.db');
  const inbox = createInbox({ receiver, store: sqliteStore(db), pollMs: 20 });
  endpoint.receiver = inbox;
  await inbox.start();
  onTestFinished(() => inbox.stop());
  return db;
}
