/** A migration: pauses. */
export const pausing = `
  -- An empty event or webhook stands for every one.
  CREATE TABLE blue_pauses (
    event TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    paused_by TEXT,
    since INTEGER NOT NULL,
    PRIMARY KEY (event, webhook_id)
  ) STRICT, WITHOUT ROWID;

  -- By which waiting deliveries are found without reading those that are paused.
  CREATE INDEX blue_waiting ON blue_deliveries (event, webhook_id, due_at, received_at) WHERE state = 'waiting';
`;
