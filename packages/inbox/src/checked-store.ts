import { count, DriverError, kindOf } from '@blue-webhooks/core/adapter';
import type { NewDelivery } from './delivery';
import { requirePause, requireScope } from './pause-options';
import {
  requireDate,
  requireFilter,
  requireId,
  requireIds,
  requireQuery,
  requireState,
  requireString,
} from './queries';
import { flag } from './settings';
import type {
  InboxStore,
  Lease,
  LeaseRequest,
  LimitUpdate,
  PruneRequest,
  ReplaySelection,
  Settlement,
  TransactionRequest,
} from './store';
import { StoreError } from './store-error';

const checked = new WeakSet<InboxStore>();

/**
 * A store whose arguments are checked before they reach a driver, some of which end the process for a value that they cannot
 * bind, and whose errors contain nothing of a driver: a `StoreError`, a `DriverError`, or a `TypeError` for an argument.
 */
export function checkedStore<Tx>(store: InboxStore<Tx>): InboxStore<Tx> {
  if (checked.has(store)) return store;
  const { transaction } = store;
  const checking: InboxStore<Tx> = {
    get notDurable() {
      return store.notDurable;
    },
    get warnings() {
      return store.warnings;
    },
    open: () => clean(() => store.open()),
    put: (delivery) => clean(() => store.put(requireEntry(delivery))),
    probe: () => clean(() => store.probe()),
    lease: (request) => clean(() => store.lease(requireLeaseRequest(request))),
    renew: (leases) => clean(() => store.renew(requireLeases(leases))),
    recordHandled: (lease, handled) => clean(() => store.recordHandled(requireLease(lease), requireNames(handled))),
    // Not cleaned: what a handler throws is thrown as it is.
    transaction: transaction && (async (request) => transaction.call(store, requireTransaction(request))),
    settle: (lease, settlement) => clean(() => store.settle(requireLease(lease), requireSettlement(settlement))),
    updateLimits: (update) => clean(() => store.updateLimits(requireLimitUpdate(update))),
    stats: () => clean(() => store.stats()),
    list: (query) => clean(() => store.list(requireQuery(query))),
    get: (id) => clean(() => store.get(requireId(id))),
    replay: (selection) => clean(() => store.replay(requireSelection(selection))),
    markDead: (id) => clean(() => store.markDead(requireId(id))),
    prune: (request) => clean(() => store.prune(requirePrune(request))),
    pause: (pause) => clean(() => store.pause(requirePause(pause))),
    resume: (scope) => clean(() => store.resume(requireScope(scope))),
    paused: () => clean(() => store.paused()),
    close: () => clean(() => store.close()),
  };
  checked.add(checking);
  return checking;
}

async function clean<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw StoreError.is(error) || isArgumentError(error) ? error : DriverError.from(error);
  }
}

/** A `TypeError` of this package has only its message; drivers attach codes and arguments to theirs. */
function isArgumentError(error: unknown): boolean {
  return error instanceof TypeError && Object.keys(error).length === 0 && error.cause === undefined;
}

function requireEntry(delivery: NewDelivery): NewDelivery {
  requireObject('The delivery', delivery);
  for (const name of ['id', 'event', 'rawBody'] as const) requireString(name, delivery[name]);
  for (const name of ['entityId', 'webhookId', 'secretId', 'lane', 'trace'] as const) {
    if (delivery[name] !== undefined) requireString(name, delivery[name]);
  }
  if (!['verified', 'unsigned', 'backfill'].includes(delivery.signature)) {
    throw new TypeError("signature must be 'verified', 'unsigned' or 'backfill'.");
  }
  requireDate('entityUpdatedAt', delivery.entityUpdatedAt);
  if (requireDate('receivedAt', delivery.receivedAt) === undefined) throw new TypeError('receivedAt is missing.');
  return delivery;
}

function requireLeaseRequest(request: LeaseRequest): LeaseRequest {
  requireObject('The request for leases', request);
  count('limit', request.limit);
  count('leaseMs', request.leaseMs);
  flag('findStale', request.findStale);
  if (request.limits !== undefined && !Array.isArray(request.limits)) {
    throw new TypeError(`The limits must be an array, got ${kindOf(request.limits)}.`);
  }
  return request;
}

function requireLimitUpdate(update: LimitUpdate): LimitUpdate {
  requireObject('The update of limits', update);
  const { keys, change } = update;
  if (!Array.isArray(keys)) throw new TypeError(`The keys of limits must be an array, got ${kindOf(keys)}.`);
  if (typeof change !== 'function') throw new TypeError(`change must be a function, got ${kindOf(change)}.`);
  return { keys: Array.from(keys, (key) => requireString('The key of a limit', key)), change };
}

function requireLeases(leases: readonly Lease[]): readonly Lease[] {
  if (!Array.isArray(leases)) throw new TypeError(`The leases must be an array, got ${kindOf(leases)}.`);
  return Array.from(leases, requireLease);
}

function requireLease(lease: Lease): Lease {
  requireObject('A lease', lease);
  requireString('The token of a lease', lease.token);
  requireObject('The delivery of a lease', lease.delivery);
  requireId(lease.delivery.id);
  return lease;
}

function requireTransaction<Tx>(request: TransactionRequest<Tx>): TransactionRequest<Tx> {
  requireObject('The request for a transaction', request);
  requireLease(request.lease);
  requireNames(request.handled);
  return request;
}

function requireNames(handled: readonly string[]): readonly string[] {
  if (!Array.isArray(handled)) throw new TypeError(`The names of handlers must be an array, got ${kindOf(handled)}.`);
  return Array.from(handled, (name) => requireString('The name of a handler', name));
}

function requireSettlement(settlement: Settlement): Settlement {
  requireObject('The settlement', settlement);
  switch (settlement.type) {
    case 'retry':
      if (requireDate('retryAt', settlement.retryAt) === undefined) throw new TypeError('retryAt is missing.');
      requireString('error', settlement.error);
      return settlement;
    case 'postponed':
      if (requireDate('until', settlement.until) === undefined) throw new TypeError('until is missing.');
      return settlement;
    case 'dead':
      requireString('error', settlement.error);
      return settlement;
    case 'done':
    case 'skipped':
    case 'returned':
      return settlement;
    default:
      throw new TypeError(
        "The type of a settlement must be 'done', 'skipped', 'dead', 'retry', 'postponed' or 'returned'.",
      );
  }
}

function requireSelection(selection: ReplaySelection): ReplaySelection {
  requireObject('The selection', selection);
  return 'ids' in selection ? { ids: requireIds(selection.ids) } : { filter: requireFilter(selection.filter) };
}

function requirePrune(request: PruneRequest): PruneRequest {
  requireObject('The request to prune', request);
  const { before, states, forgetBefore } = request;
  for (const [name, date] of Object.entries({ before, forgetBefore })) {
    if (requireDate(name, date) === undefined) throw new TypeError(`${name} is missing.`);
  }
  if (!Array.isArray(states)) throw new TypeError(`states must be an array, got ${kindOf(states)}.`);
  const unfinished = states.map(requireState).find((state) => !['done', 'skipped', 'dead'].includes(state));
  if (unfinished) throw new TypeError(`Deliveries that are ${unfinished} are not finished, and cannot be pruned.`);
  return { before, states, forgetBefore };
}

function requireObject(name: string, value: unknown): void {
  if (typeof value === 'object' && value !== null) return;
  throw new TypeError(`${name} must be an object, got ${kindOf(value)}.`);
}
