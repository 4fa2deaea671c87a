import { createReceiver } from '@blue-webhooks/core';

/** What a handler may use; a test passes its own. */
export interface Services {
  /** Your own work: it may be slow, and it may fail. */
  recordCreated(record: { readonly id: string; readonly title: string }, signal: AbortSignal): Promise<void>;
}

/** Creates the receiver with its handlers. They run after Blue has been answered, and again when they throw. */
export function createHandlers(secret: string | undefined, services: Services) {
  return createReceiver({
    secret,
    onFailure: (error, { deliveryId }) => console.error(error.code, deliveryId, error.message),
  })
    .on('TODO_CREATED', ({ currentValue: { id, title } }, { signal }) => services.recordCreated({ id, title }, signal))
    .onUnknown(({ name }) => console.log(`Unknown event: ${name}`));
}
