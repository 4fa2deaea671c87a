/** The schema of the first version, as it is in files of that time. */
export const firstSchema = `
  CREATE TABLE blue_inbox_version (version INTEGER PRIMARY KEY, applied_at INTEGER) STRICT;
  INSERT INTO blue_inbox_version VALUES (1, 0);
  CREATE TABLE blue_deliveries (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    entity_id TEXT,
    entity_updated_at INTEGER,
    webhook_id TEXT,
    lane TEXT,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    received_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL DEFAULT 0,
    finished_at INTEGER,
    last_error TEXT,
    lease TEXT,
    lease_ms INTEGER,
    beat INTEGER,
    signature TEXT NOT NULL,
    secret_id TEXT
  ) STRICT;


  CREATE TABLE blue_bodies (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;


  CREATE TABLE blue_digests (id TEXT PRIMARY KEY, received_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;


  CREATE TABLE blue_counts (state TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO blue_counts VALUES ('held', 0), ('waiting', 0), ('active', 0), ('done', 0), ('skipped', 0), ('dead', 0);
  CREATE TRIGGER blue_counts_in AFTER INSERT ON blue_deliveries BEGIN
    UPDATE blue_counts SET count = count + 1 WHERE state = new.state;
  END;
  CREATE TRIGGER blue_counts_between AFTER UPDATE OF state ON blue_deliveries BEGIN
    UPDATE blue_counts SET count = count - 1 WHERE state = old.state;
    UPDATE blue_counts SET count = count + 1 WHERE state = new.state;
  END;
  CREATE TRIGGER blue_counts_out AFTER DELETE ON blue_deliveries BEGIN
    UPDATE blue_counts SET count = count - 1 WHERE state = old.state;
  END;

  CREATE INDEX blue_by_state ON blue_deliveries (state, received_at);
  CREATE INDEX blue_by_event ON blue_deliveries (event, received_at);
  CREATE INDEX blue_by_entity ON blue_deliveries (entity_id, received_at);
  CREATE INDEX blue_by_time ON blue_deliveries (received_at);
  CREATE INDEX blue_ready ON blue_deliveries (due_at, received_at) WHERE state = 'waiting';
  CREATE INDEX blue_lanes ON blue_deliveries (lane, state) WHERE state IN ('held', 'waiting', 'active');
  CREATE INDEX blue_digests_by_time ON blue_digests (received_at);
`;
