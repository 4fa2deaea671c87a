export type { PostgresClient, PostgresPool } from './pool';
export { type PostgresOptions, postgresStore } from './postgres-store';
export type { PostgresTransaction } from './transaction';
