import { StoreError } from '../store-error';
import { limiting } from './limits';
import { pausing } from './pauses';
import type { Query } from './pool';
import { postponing } from './postponing';
import { type Schema, serverNow, unfinished } from './schema';

/** Each brings the schema one version further. Append; never change one that has been released. */
const migrations: readonly ((schema: Schema) => string)[] = [
  ({ name, deliveries, bodies, digests, counts }) => `
    CREATE TABLE ${deliveries} (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- order of arrival
      id text NOT NULL UNIQUE,
      event text NOT NULL,
      entity_id text,
      entity_updated_at bigint,             -- this and all times in milliseconds since 1970
      webhook_id text,
      lane text,
      state text NOT NULL,                  -- held, waiting, active, done, skipped, dead
      attempts integer NOT NULL DEFAULT 0,
      received_at bigint NOT NULL,
      retry_at bigint,                      -- while waiting for a retry: when it is due, by the worker's clock
      due_at bigint,                        -- the same by the server's clock
      finished_at bigint,
      last_error text,
      lease text,                           -- while active: the holder's token
      lease_ms integer,                     -- for how long the holder may be silent
      beat integer,                         -- changes with every renewal
      signature text NOT NULL,              -- verified, unsigned
      secret_id text,
      trace text,                           -- of the receipt
      handled text                          -- a JSON array: the names of the handlers that have succeeded
    ) WITH (fillfactor = 80);

    -- Separate, so that lists and changes of state do not move bodies.
    CREATE TABLE ${bodies} (seq bigint PRIMARY KEY, body bytea NOT NULL);

    -- The ids of deleted deliveries, by which a duplicate is recognised.
    CREATE TABLE ${digests} (id text PRIMARY KEY, received_at bigint NOT NULL);

    -- How many deliveries are in each state. Every connection counts in a row of its own: a shared one would be a queue.
    CREATE TABLE ${counts} (state text, connection integer, count bigint NOT NULL, PRIMARY KEY (state, connection)) WITH (fillfactor = 50);

    -- One delivery of a lane at a time can be handled; the others are held.
    CREATE UNIQUE INDEX deliveries_heads ON ${deliveries} (lane) WHERE state IN ('waiting', 'active');
    CREATE INDEX deliveries_held ON ${deliveries} (lane, seq) WHERE state = 'held';
    CREATE INDEX deliveries_ready ON ${deliveries} (received_at, seq) WHERE state = 'waiting' AND due_at IS NULL;
    CREATE INDEX deliveries_retries ON ${deliveries} (due_at, seq) WHERE state = 'waiting' AND due_at IS NOT NULL;
    CREATE INDEX deliveries_active ON ${deliveries} (seq) WHERE state = 'active';
    CREATE INDEX deliveries_by_state ON ${deliveries} (state, received_at, seq);
    CREATE INDEX deliveries_by_event ON ${deliveries} (event, received_at, seq);
    CREATE INDEX deliveries_by_entity ON ${deliveries} (entity_id, received_at, seq);
    CREATE INDEX deliveries_by_time ON ${deliveries} (received_at, seq);
    CREATE INDEX digests_by_time ON ${digests} (received_at);

    CREATE FUNCTION ${name}.count_states() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
      IF TG_OP = 'INSERT' THEN
        INSERT INTO ${counts} SELECT state, pg_backend_pid(), count(*) FROM added GROUP BY state
        ON CONFLICT (state, connection) DO UPDATE SET count = counts.count + excluded.count;
      ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO ${counts} SELECT state, pg_backend_pid(), -count(*) FROM removed GROUP BY state
        ON CONFLICT (state, connection) DO UPDATE SET count = counts.count + excluded.count;
      ELSE
        INSERT INTO ${counts} SELECT state, pg_backend_pid(), sum(change) FROM (
          SELECT state, 1 AS change FROM added UNION ALL SELECT state, -1 FROM removed
        ) AS changes GROUP BY state HAVING sum(change) <> 0 ORDER BY state
        ON CONFLICT (state, connection) DO UPDATE SET count = counts.count + excluded.count;
      END IF;
      RETURN NULL;
    END $body$;
    CREATE TRIGGER count_added AFTER INSERT ON ${deliveries} REFERENCING NEW TABLE AS added
      FOR EACH STATEMENT EXECUTE FUNCTION ${name}.count_states();
    CREATE TRIGGER count_changed AFTER UPDATE ON ${deliveries} REFERENCING OLD TABLE AS removed NEW TABLE AS added
      FOR EACH STATEMENT EXECUTE FUNCTION ${name}.count_states();
    CREATE TRIGGER count_removed AFTER DELETE ON ${deliveries} REFERENCING OLD TABLE AS removed
      FOR EACH STATEMENT EXECUTE FUNCTION ${name}.count_states();

    -- Whatever decides which delivery of a lane is next holds this lock until it commits. In order, so that no two wait for each other.
    CREATE FUNCTION ${name}.lock_lanes(lanes text[]) RETURNS void LANGUAGE sql AS $body$
      SELECT pg_advisory_xact_lock(key) FROM (
        SELECT DISTINCT hashtextextended('${name}' || lane, 0) AS key FROM unnest(lanes) AS lane WHERE lane IS NOT NULL ORDER BY key
      ) AS keys
    $body$;

    -- Lets the first held delivery of a lane wait for its turn, unless another of the lane does already.
    CREATE FUNCTION ${name}.promote(lanes text[]) RETURNS void LANGUAGE sql AS $body$
      UPDATE ${deliveries} SET state = 'waiting', retry_at = NULL, due_at = NULL WHERE seq IN (
        SELECT (SELECT seq FROM ${deliveries} WHERE lane = one.lane AND state = 'held' ORDER BY seq LIMIT 1)
        FROM (SELECT DISTINCT unnest(lanes) AS lane) AS one
        WHERE NOT EXISTS (SELECT 1 FROM ${deliveries} WHERE lane = one.lane AND state IN ('waiting', 'active'))
      )
    $body$;

    CREATE FUNCTION ${name}.put(batch json) RETURNS SETOF text LANGUAGE plpgsql AS $body$
    BEGIN
      -- Whatever this connection is set to: what is acknowledged is flushed, and a locked table ends the wait.
      PERFORM set_config('lock_timeout', '5s', true);
      IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
      END IF;
      PERFORM ${name}.lock_lanes(ARRAY(SELECT item->>'lane' FROM json_array_elements(batch) AS item));
      RETURN QUERY
        WITH items AS (
          SELECT DISTINCT ON (id) * FROM ROWS FROM (json_to_recordset(batch) AS (
            id text, event text, entity_id text, entity_updated_at bigint, webhook_id text, lane text, received_at bigint,
            signature text, secret_id text, trace text, body text
          )) WITH ORDINALITY ORDER BY id, ordinality
        ), fresh AS (
          SELECT *, row_number() OVER (PARTITION BY lane ORDER BY ordinality) AS place FROM items
          WHERE NOT EXISTS (SELECT 1 FROM ${digests} AS known WHERE known.id = items.id)
            AND NOT EXISTS (SELECT 1 FROM ${deliveries} AS known WHERE known.id = items.id)
        ), stored AS (
          INSERT INTO ${deliveries} (id, event, entity_id, entity_updated_at, webhook_id, lane, state, received_at, signature, secret_id, trace)
          SELECT id, event, entity_id, entity_updated_at, webhook_id, lane, CASE WHEN lane IS NOT NULL AND (place > 1 OR EXISTS (
            SELECT 1 FROM ${deliveries} AS other WHERE other.lane = fresh.lane AND other.state IN ('waiting', 'active')
          ) OR EXISTS (
            SELECT 1 FROM ${deliveries} AS other WHERE other.lane = fresh.lane AND other.state = 'held'
          )) THEN 'held' ELSE 'waiting' END, received_at, signature, secret_id, trace
          FROM fresh ORDER BY ordinality
          ON CONFLICT (id) DO NOTHING RETURNING deliveries.seq, deliveries.id
        ), kept AS (
          INSERT INTO ${bodies} SELECT stored.seq, decode(items.body, 'base64') FROM stored JOIN items USING (id)
        )
        SELECT stored.id FROM stored;
    END $body$;

    CREATE FUNCTION ${name}.settle(which bigint, token text, outcome text, error text, retry bigint, worker_now bigint)
    RETURNS boolean LANGUAGE plpgsql AS $body$
    DECLARE its_lane text;
    BEGIN
      SELECT lane INTO its_lane FROM ${deliveries} WHERE seq = which;
      PERFORM ${name}.lock_lanes(ARRAY[its_lane]);
      UPDATE ${deliveries} SET
        lease = NULL, lease_ms = NULL, beat = NULL,
        state = CASE WHEN outcome IN ('retry', 'returned') THEN 'waiting' ELSE outcome END,
        attempts = attempts - CASE outcome WHEN 'returned' THEN 1 ELSE 0 END,
        due_at = CASE WHEN outcome <> 'retry' THEN NULL WHEN abs(${serverNow} - worker_now) < 1000 THEN retry ELSE ${serverNow} + retry - worker_now END,
        retry_at = CASE outcome WHEN 'retry' THEN retry END,
        finished_at = CASE WHEN outcome NOT IN ('retry', 'returned') THEN ${serverNow} END,
        handled = CASE WHEN outcome NOT IN ('done', 'skipped') THEN handled END,
        last_error = CASE WHEN outcome IN ('retry', 'dead') THEN error ELSE last_error END
      WHERE seq = which AND lease = token;
      IF NOT FOUND THEN RETURN false; END IF;
      IF its_lane IS NOT NULL AND outcome NOT IN ('retry', 'returned') THEN PERFORM ${name}.promote(ARRAY[its_lane]); END IF;
      RETURN true;
    END $body$;

    CREATE FUNCTION ${name}.mark_dead(which text, reason text) RETURNS boolean LANGUAGE plpgsql AS $body$
    DECLARE its_lane text;
    BEGIN
      SELECT lane INTO its_lane FROM ${deliveries} WHERE id = which;
      PERFORM ${name}.lock_lanes(ARRAY[its_lane]);
      UPDATE ${deliveries} SET state = 'dead', finished_at = ${serverNow}, last_error = reason, retry_at = NULL, due_at = NULL, lease = NULL, lease_ms = NULL, beat = NULL
      WHERE id = which AND ${unfinished};
      IF NOT FOUND THEN RETURN false; END IF;
      IF its_lane IS NOT NULL THEN PERFORM ${name}.promote(ARRAY[its_lane]); END IF;
      RETURN true;
    END $body$;

    -- Puts deliveries at their places in their lanes again.
    CREATE FUNCTION ${name}.replay(which bigint[]) RETURNS bigint LANGUAGE plpgsql AS $body$
    DECLARE lanes text[]; replayed bigint;
    BEGIN
      lanes := ARRAY(SELECT DISTINCT lane FROM ${deliveries} WHERE seq = ANY (which) AND lane IS NOT NULL);
      PERFORM ${name}.lock_lanes(lanes);
      UPDATE ${deliveries} SET
        attempts = 0, retry_at = NULL, due_at = NULL, finished_at = NULL,
        state = CASE WHEN lane IS NULL OR state = 'waiting' THEN 'waiting' ELSE 'held' END
      WHERE seq = ANY (which) AND state NOT IN ('held', 'active');
      GET DIAGNOSTICS replayed = ROW_COUNT;
      PERFORM ${name}.promote(lanes);
      RETURN replayed;
    END $body$;
  `,
  postponing,
  pausing,
  limiting,
];

/**
 * Brings the schema up to date in one transaction, under a lock: any number of processes may start at the same time.
 * @throws StoreError `NEWER_INBOX` if a newer version of this package wrote the schema
 */
export async function migrate(query: Query, schema: Schema): Promise<void> {
  if ((await versionOf(query, schema)) === migrations.length) return;
  const steps = migrations.map(
    (migration, place) => `
    IF present < ${place + 1} THEN
      EXECUTE $migration$${migration(schema)}$migration$;
      INSERT INTO ${schema.version} (version) VALUES (${place + 1});
    END IF;`,
  );
  await query(`DO $migrate$
    DECLARE present integer;
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended('${schema.name}', 1));
      IF to_regnamespace('${schema.name}') IS NULL THEN CREATE SCHEMA ${schema.name}; END IF;
      CREATE TABLE IF NOT EXISTS ${schema.version} (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
      SELECT coalesce(max(version), 0) INTO present FROM ${schema.version};
      ${steps.join('')}
    END $migrate$`);
  const version = await versionOf(query, schema);
  if (version > migrations.length) {
    throw new StoreError(
      'NEWER_INBOX',
      `The schema ${schema.name} has version ${version}, written by a newer @blue-webhooks/inbox; this one reads version ${migrations.length}. Update the package.`,
    );
  }
}

async function versionOf(query: Query, { version }: Schema): Promise<number> {
  const [found] = await query<{ present: boolean }>('SELECT to_regclass($1) IS NOT NULL AS present', version);
  if (!found?.present) return 0;
  const [row] = await query<{ version: number }>(`SELECT max(version) AS version FROM ${version}`);
  return row?.version ?? 0;
}
