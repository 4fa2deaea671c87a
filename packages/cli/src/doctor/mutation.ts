/** One way in which a signature comes not to match, and what to do about it. */
export interface Mutation {
  /** For scripts and tests. */
  readonly id: string;
  readonly cause: string;
  readonly fix: string;
}
