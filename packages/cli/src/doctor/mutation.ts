/** One reason why a signature does not match, and its fix. */
export interface Mutation {
  /** For scripts and tests. */
  readonly id: string;
  readonly cause: string;
  readonly fix: string;
}
