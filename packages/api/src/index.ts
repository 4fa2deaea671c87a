export { type BlueClient, type ClientUsage, createBlueClient, type RequestOptions } from './client';
export type { BlueClientOptions } from './client-options';
export type { Clock } from './clock';
export { type DocumentName, documents } from './documents';
export { type ApiErrorCode, BlueApiError, type PlanLimit } from './errors';
export type { Features, Generation } from './features';
export type { Answered, Fetch } from './transport';
export type { Results, Variables } from './typed-documents';
