import type { EntryState } from '../entry';
import type { InboxStore, Lease } from '../store';
import type { ContractCase } from './case';

/** How the contract gets at a store. */
export interface StoreUnderTest {
  /** Opens the store, empty the first time; later, what it holds, as another process would open it. */
  open(): InboxStore | Promise<InboxStore>;
}

/** One promise of a store. */
export type StoreCase = ContractCase<StoreUnderTest>;

export const LEASE_MS = 30_000;

/** Leases what is due, for a holder that will not go silent. */
export function lease(store: InboxStore, limit = 100, leaseMs = LEASE_MS): Promise<readonly Lease[]> {
  return store.lease({ limit, leaseMs, findStale: false });
}

export const idsOf = (leases: readonly Lease[]): string[] => leases.map(({ entry }) => entry.id);

/** The one delivery that is due. */
export async function leaseOne(store: InboxStore): Promise<Lease> {
  const [only, ...others] = await lease(store);
  if (!only || others.length > 0) throw new Error(`One delivery should have been due, not ${others.length + 1}.`);
  return only;
}

export async function stateOf(store: InboxStore, id: string): Promise<EntryState | undefined> {
  return (await store.get(id))?.state;
}
