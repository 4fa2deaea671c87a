import type { BlueClient } from '../client';
import { BlueApiError } from '../errors';
import { deleteWebhook } from './delete-webhook';
import { listWebhooks } from './list-webhooks';
import { inputOf, type Wanted } from './wanted';
import type { WebhookRow } from './webhook-row';

/** A webhook's secret, which Blue returns once. */
export interface NewSecret {
  readonly webhookId: string;
  readonly secret: string;
}

/** Stores a secret. */
export type OnSecret = (secret: NewSecret) => unknown;

/** After that many lost answers or failures Blue, or the way to it, is down. */
const TRIES = 10;
/** A private address is answered `INTERNAL_SERVER_ERROR`, too, and stays private. */
const INTERNAL_ERROR_TRIES = 5;

/**
 * Creates a webhook under a unique name, and passes its secret on before anything else. If a response
 * was lost, the name identifies the created webhook: its secret is unknown, so it is deleted and created again.
 * @throws BlueApiError
 * @throws what `onSecret` throws, after the webhook is deleted
 */
export async function createWebhook(client: BlueClient, wanted: Wanted, onSecret: OnSecret): Promise<WebhookRow> {
  const { secret, ...webhook } = await createOnce(client, wanted);
  try {
    if (!secret)
      throw new BlueApiError('INTERNAL_SERVER_ERROR', { hint: 'Blue returned no secret for the new webhook.' });
    await onSecret({ webhookId: webhook.id, secret });
  } catch (error) {
    await deleteWebhook(client, webhook.id);
    throw error;
  }
  return webhook;
}

async function createOnce(client: BlueClient, wanted: Wanted) {
  for (let tries = 1; ; tries++) {
    try {
      return (await client.run('CreateWebhook', { input: inputOf(wanted) })).createWebhook;
    } catch (error) {
      if (!BlueApiError.is(error) || !error.unclear) throw error;
      const orphans = (await listWebhooks(client)).webhooks.filter(({ name }) => name === wanted.name);
      for (const { id } of orphans) await deleteWebhook(client, id);
      const isInternal = error.code === 'INTERNAL_SERVER_ERROR';
      if (tries < (isInternal ? INTERNAL_ERROR_TRIES : TRIES)) continue;
      if (!isInternal) throw error;
      const { operation, status } = error;
      throw new BlueApiError('INTERNAL_SERVER_ERROR', {
        operation,
        status,
        hint: 'Most often this means that the URL is not https or resolves to a private address: Blue delivers to public ones only.',
      });
    }
  }
}
