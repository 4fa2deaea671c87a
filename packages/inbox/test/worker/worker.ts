import { createReceiver } from '@blue-webhooks/core';
import { createInbox } from '../../src/inbox'; // without SQLite, which workerd has not
import { memoryStore } from '../../src/memory-store';

const store = memoryStore();
const key = (id: string, byte: number) => ({ id, key: new Uint8Array(32).fill(byte) });
const receiver = createReceiver({ secret: 'a secret of the tests' });
const inbox = createInbox({ receiver, store, encrypt: { keys: [key('a', 1)] }, dedupe: 'change' });
const wrong = createInbox({ receiver, store, encrypt: { keys: [key('a', 2)] } });

/** Stores a delivery; then returns what was stored, and what the inbox reads. */
export default {
  async fetch(request: Request): Promise<Response> {
    const { status } = await inbox.fetch(request);
    const [{ id } = { id: '' }] = (await inbox.list()).deliveries;
    const stored = (await store.get(id))?.rawBody;
    const read = (await inbox.get(id))?.rawBody;
    const refused = await wrong.get(id).catch(({ code }: { code: string }) => code);
    const erased = await inbox.erase({ id });
    return Response.json({ status, id, stored, read, refused, erased });
  },
};
