import type { BlueClient } from '../client';
import { BlueApiError } from '../errors';
import { repeatedly } from './after-unclear';
import { requireId } from './require-id';

/**
 * Deletes a webhook of the token's user. One that is gone already counts as deleted, so that a lost answer does no harm.
 * @throws TypeError if the id is not a string, or empty
 * @throws BlueApiError
 */
export async function deleteWebhook(client: BlueClient, id: string): Promise<void> {
  requireId('id', id);
  try {
    await repeatedly(() => client.run('DeleteWebhook', { id }));
  } catch (error) {
    if (!BlueApiError.is(error, 'WEBHOOK_NOT_FOUND')) throw error;
  }
}
