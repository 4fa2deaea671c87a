/** What an adapter, a store or another consumer of deliveries is built from. */
export { changeId } from './change-id';
export type { BodySink, BodySource, RawBody } from './delivery';
export { createDeliveryVerifier, type DeliveryVerifierOptions } from './delivery-verifier';
export { DriverError } from './driver-error';
export type { Host } from './errors';
export { entityIn, payloadOf } from './events/entity';
export { readableSource, toRawDelivery, toResponse } from './fetch';
export { notify, requireFunctions } from './hooks';
export { Lease, type LeaseEvents } from './lease';
export { type CallContext, LedgerCalls } from './ledger-calls';
export { isObject } from './object';
export { type Result, toOutcome } from './outcome';
export { type ParsedBody, parseVerified } from './parse';
export { PostponedError } from './postponed-error';
export { type ReadLimits, readBody } from './read';
