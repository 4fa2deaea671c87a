import type { DeliveryState } from '../delivery';
import type { InboxStore, Lease } from '../store';
import type { ContractCase } from './case';

/** Opens the store that the contract tests. */
export interface StoreUnderTest {
  /** Opens the store: empty the first time, later with its deliveries, as another process would open it. */
  open(): InboxStore | Promise<InboxStore>;
}

/** A test case of the store contract. */
export type StoreCase = ContractCase<StoreUnderTest>;

export const LEASE_MS = 30_000;

/** Leases due deliveries, with leases that outlast the case. */
export function lease(store: InboxStore, limit = 100, leaseMs = LEASE_MS): Promise<readonly Lease[]> {
  return store.lease({ limit, leaseMs, findStale: false });
}

export const idsOf = (leases: readonly Lease[]): string[] => leases.map(({ delivery }) => delivery.id);

/** Leases the only due delivery. */
export async function leaseOne(store: InboxStore): Promise<Lease> {
  const [only, ...others] = await lease(store);
  if (!only || others.length > 0) throw new Error(`Expected one due delivery, got ${only ? others.length + 1 : 0}.`);
  return only;
}

export async function stateOf(store: InboxStore, id: string): Promise<DeliveryState | undefined> {
  return (await store.get(id))?.state;
}
