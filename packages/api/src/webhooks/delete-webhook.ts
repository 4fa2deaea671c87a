import type { BlueClient } from '../client';
import { BlueApiError } from '../errors';
import { repeatedly } from './after-unclear';

/**
 * Deletes a webhook of the token's user. One that is gone already counts as deleted, so that a lost answer does no harm.
 * @throws BlueApiError
 */
export async function deleteWebhook(client: BlueClient, id: string): Promise<void> {
  try {
    await repeatedly(() => client.run('DeleteWebhook', { id }));
  } catch (error) {
    if (!BlueApiError.is(error, 'WEBHOOK_NOT_FOUND')) throw error;
  }
}
