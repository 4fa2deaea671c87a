import type { Receiver } from '@blue-webhooks/core';
import { createInbox, type InboxStore } from '@blue-webhooks/inbox';

/** Creates the inbox: a delivery is stored, Blue is answered, and then the handlers run. */
export function openInbox(receiver: Receiver, store: InboxStore) {
  return createInbox({
    receiver,
    store,
    onDeadLetter: ({ id, event }, error) => console.error(`Dead letter: ${event} ${id}`, error), // alert someone here
    onEvent: (event) => {
      if (event.type === 'store-failed') console.error('The inbox is unavailable:', event.error);
    },
  });
}
