export type { PostgresClient, PostgresPool } from './pool';
export {
  type PostgresLedger,
  type PostgresLedgerOptions,
  type PostgresQueryable,
  postgresLedger,
} from './postgres-ledger';
export { type PostgresOptions, postgresStore } from './postgres-store';
export type { PostgresTransaction } from './transaction';
