import { count, DriverError, kindOf } from '@blue-webhooks/core/adapter';
import type { NewDelivery } from './delivery';
import { requirePause, requireScope } from './pause-options';
import {
  requireDate,
  requireErase,
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
import { storeErrorOf } from './store-error';

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
    open: () => clean(nothing, () => store.open()),
    put: (delivery) =>
      clean(
        () => requireEntry(delivery),
        (entry) => store.put(entry),
      ),
    probe: () => clean(nothing, () => store.probe()),
    lease: (request) =>
      clean(
        () => requireLeaseRequest(request),
        (checked) => store.lease(checked),
      ),
    renew: (leases) =>
      clean(
        () => requireLeases(leases),
        (checked) => store.renew(checked),
      ),
    recordHandled: (lease, handled) =>
      clean(
        () => [requireLease(lease), requireNames(handled)] as const,
        (checked) => store.recordHandled(...checked),
      ),
    // Not cleaned: what a handler throws is thrown as it is.
    transaction: transaction && (async (request) => transaction.call(store, requireTransaction(request))),
    settle: (lease, settlement) =>
      clean(
        () => [requireLease(lease), requireSettlement(settlement)] as const,
        (checked) => store.settle(...checked),
      ),
    updateLimits: (update) =>
      clean(
        () => requireLimitUpdate(update),
        (checked) => store.updateLimits(checked),
      ),
    stats: () => clean(nothing, () => store.stats()),
    list: (query) =>
      clean(
        () => requireQuery(query),
        (checked) => store.list(checked),
      ),
    get: (id) =>
      clean(
        () => requireId(id),
        (checked) => store.get(checked),
      ),
    replay: (selection) =>
      clean(
        () => requireSelection(selection),
        (checked) => store.replay(checked),
      ),
    markDead: (id) =>
      clean(
        () => requireId(id),
        (checked) => store.markDead(checked),
      ),
    prune: (request) =>
      clean(
        () => requirePrune(request),
        (checked) => store.prune(checked),
      ),
    erase: (selection) =>
      clean(
        () => requireErase(selection),
        (checked) => store.erase(checked),
      ),
    pause: (pause) =>
      clean(
        () => requirePause(pause),
        (checked) => store.pause(checked),
      ),
    resume: (scope) =>
      clean(
        () => requireScope(scope),
        (checked) => store.resume(checked),
      ),
    paused: () => clean(nothing, () => store.paused()),
    close: () => clean(nothing, () => store.close()),
  };
  checked.add(checking);
  return checking;
}

const nothing = (): void => {};

/** @param check throws a `TypeError` for an invalid argument */
async function clean<A, T>(check: () => A, work: (checked: A) => Promise<T>): Promise<T> {
  const checked = check();
  try {
    return await work(checked);
  } catch (error) {
    throw isArgumentError(error) ? error : storeErrorOf(error);
  }
}

/**
 * Whether it is a `TypeError` of a store of ours, which has only its message. Drivers and runtimes attach arguments to theirs, or
 * quote them.
 */
function isArgumentError(error: unknown): boolean {
  try {
    if (!(error instanceof TypeError) || Object.keys(error).length > 0 || error.cause !== undefined) return false;
    return DriverError.from(error).message === `TypeError: ${error.message}`;
  } catch {
    return false; // a hostile proxy
  }
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
