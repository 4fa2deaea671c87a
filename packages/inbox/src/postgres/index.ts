export type { PostgresPool } from './pool';
export { type PostgresOptions, postgresStore } from './postgres-store';
