import { type FullInboxDelivery, factsOf, type InboxDelivery } from '../delivery';
import type { Report } from '../inbox-event';
import type { InboxStore, Lease, LeaseRequest } from '../store';
import { StoreError } from '../store-error';
import { type Cipher, isSealed } from './cipher';

/** When a delivery that could not be decrypted is tried again: the key may have been added by then. */
export const READ_AGAIN_MS = 60_000;
/** How many batches of deliveries that cannot be decrypted one call passes over, so that they do not hold up the others. */
const MAX_BATCHES = 50;
/** What lists show in place of an error that cannot be decrypted. */
const HIDDEN = 'Encrypted with a key that this inbox does not have.';

/**
 * A store that receives bodies and errors encrypted, and returns them decrypted. A delivery that cannot be decrypted when it is due
 * is reported as `unreadable` and postponed, without an attempt.
 */
export function encryptedStore<Tx>(store: InboxStore<Tx>, cipher: Cipher, report: Report): InboxStore<Tx> {
  /** The lease of the store for each of ours: stores recognise their own objects. */
  const leased = new WeakMap<Lease, Lease>();
  const original = (lease: Lease) => leased.get(lease) ?? lease;

  /** So that a small body does not overtake a large one that arrived before it. */
  let lastPut: Promise<unknown> = Promise.resolve();

  async function openLease(lease: Lease): Promise<Lease | undefined> {
    const { delivery } = lease;
    try {
      const opened = { ...lease, delivery: await openFull(cipher, delivery) };
      leased.set(opened, lease);
      return opened;
    } catch (error) {
      if (!StoreError.is(error)) throw error;
      const until = new Date(Date.now() + READ_AGAIN_MS);
      await store.settle(lease, { type: 'postponed', until }).catch((failure: unknown) => {
        report({ type: 'store-failed', error: failure }); // its lease lapses
      });
      report({ type: 'unreadable', delivery: factsOf(delivery), error, until });
      return undefined;
    }
  }

  async function lease(request: LeaseRequest): Promise<readonly Lease[]> {
    const readable: Lease[] = [];
    for (let batch = 0; batch < MAX_BATCHES; batch++) {
      const limit = request.limit - readable.length;
      const leases = await store.lease({ ...request, limit }).catch((error: unknown) => {
        if (readable.length === 0) throw error;
        report({ type: 'store-failed', error }); // what has been leased is handled
        return [];
      });
      const opened = await Promise.all(leases.map(openLease));
      readable.push(...opened.filter((one) => one !== undefined));
      if (leases.length === 0 || opened.every((one) => one !== undefined)) break;
    }
    return readable;
  }

  const { transaction } = store;
  return {
    get notDurable() {
      return store.notDurable;
    },
    get warnings() {
      return store.warnings;
    },
    open: () => store.open(),
    async put(delivery) {
      if (!cipher.isOn) return store.put(delivery);
      const sealing = cipher.seal(delivery.rawBody, { delivery: delivery.id, field: 'body' });
      const turn = Promise.all([sealing, lastPut]);
      lastPut = turn.catch(() => {});
      const [rawBody] = await turn;
      return store.put({ ...delivery, rawBody });
    },
    probe: () => store.probe(),
    lease,
    async renew(leases) {
      const ours = new Map(leases.map((one) => [original(one), one]));
      return (await store.renew([...ours.keys()])).map((lost) => ours.get(lost) ?? lost);
    },
    recordHandled: (one, handled) => store.recordHandled(original(one), handled),
    transaction: transaction && ((request) => transaction({ ...request, lease: original(request.lease) })),
    async settle(one, settlement) {
      if (!cipher.isOn || !('error' in settlement)) return store.settle(original(one), settlement);
      const error = await cipher.seal(settlement.error, { delivery: one.delivery.id, field: 'error' });
      return store.settle(original(one), { ...settlement, error });
    },
    updateLimits: ({ keys, change }) =>
      store.updateLimits({
        keys,
        change(stored) {
          const { states, waiting } = change(stored);
          return { states, waiting: waiting.map(({ lease: one, key }) => ({ lease: original(one), key })) };
        },
      }),
    stats: () => store.stats(),
    async list(query) {
      const { deliveries, cursor } = await store.list(query);
      return { deliveries: await Promise.all(deliveries.map((one) => openError(cipher, one))), cursor };
    },
    async get(id) {
      const delivery = await store.get(id);
      return delivery && openFull(cipher, delivery);
    },
    replay: (selection) => store.replay(selection),
    markDead: (id) => store.markDead(id),
    prune: (request) => store.prune(request),
    erase: (selection) => store.erase(selection),
    pause: (pause) => store.pause(pause),
    resume: (scope) => store.resume(scope),
    paused: () => store.paused(),
    close: () => store.close(),
  };
}

/** Returns a delivery with its body and its error decrypted. @throws StoreError KEY_MISSING, NOT_DECRYPTED, for the body */
export async function openFull(cipher: Cipher, delivery: FullInboxDelivery): Promise<FullInboxDelivery> {
  if (delivery.malformed !== undefined) return openError(cipher, delivery); // it has no body, and becomes a dead letter
  const rawBody = await cipher.open(delivery.rawBody, { delivery: delivery.id, field: 'body' });
  return { ...(await openError(cipher, delivery)), rawBody };
}

/** Returns a delivery with its error decrypted, or with a note in its place. */
export async function openError<D extends InboxDelivery>(cipher: Cipher, delivery: D): Promise<D> {
  const { id, lastError } = delivery;
  if (lastError === undefined || !isSealed(lastError)) return delivery;
  try {
    return { ...delivery, lastError: await cipher.open(lastError, { delivery: id, field: 'error' }) };
  } catch {
    return { ...delivery, lastError: HIDDEN };
  }
}
