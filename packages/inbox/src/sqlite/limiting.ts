/** A migration: limits. */
export const limiting = `
  -- While due_at is -1: the key of the limit for which the delivery waits.
  ALTER TABLE blue_deliveries ADD COLUMN limit_key TEXT;
  CREATE INDEX blue_limited ON blue_deliveries (limit_key, received_at) WHERE state = 'waiting' AND due_at = -1;

  -- What is known about each key, as JSON, and when it can be deleted.
  CREATE TABLE blue_limits (key TEXT PRIMARY KEY, state TEXT NOT NULL, expires_at INTEGER) STRICT, WITHOUT ROWID;
`;
