-- The schema of the first version, as it is in databases of that time.
CREATE SCHEMA "old";
CREATE TABLE "old".version (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
INSERT INTO "old".version (version) VALUES (1);

CREATE TABLE "old".deliveries (
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
CREATE TABLE "old".bodies (seq bigint PRIMARY KEY, body bytea NOT NULL);

-- The ids of deleted deliveries, by which a duplicate is recognised.
CREATE TABLE "old".digests (id text PRIMARY KEY, received_at bigint NOT NULL);

-- How many deliveries are in each state. Every connection counts in a row of its own: a shared one would be a queue.
CREATE TABLE "old".counts (state text, connection integer, count bigint NOT NULL, PRIMARY KEY (state, connection)) WITH (fillfactor = 50);

-- One delivery of a lane at a time can be handled; the others are held.
CREATE UNIQUE INDEX deliveries_heads ON "old".deliveries (lane) WHERE state IN ('waiting', 'active');
CREATE INDEX deliveries_held ON "old".deliveries (lane, seq) WHERE state = 'held';
CREATE INDEX deliveries_ready ON "old".deliveries (received_at, seq) WHERE state = 'waiting' AND due_at IS NULL;
CREATE INDEX deliveries_retries ON "old".deliveries (due_at, seq) WHERE state = 'waiting' AND due_at IS NOT NULL;
CREATE INDEX deliveries_active ON "old".deliveries (seq) WHERE state = 'active';
CREATE INDEX deliveries_by_state ON "old".deliveries (state, received_at, seq);
CREATE INDEX deliveries_by_event ON "old".deliveries (event, received_at, seq);
CREATE INDEX deliveries_by_entity ON "old".deliveries (entity_id, received_at, seq);
CREATE INDEX deliveries_by_time ON "old".deliveries (received_at, seq);
CREATE INDEX digests_by_time ON "old".digests (received_at);

CREATE FUNCTION "old".count_states() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO "old".counts SELECT state, pg_backend_pid(), count(*) FROM added GROUP BY state
    ON CONFLICT (state, connection) DO UPDATE SET count = counts.count + excluded.count;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO "old".counts SELECT state, pg_backend_pid(), -count(*) FROM removed GROUP BY state
    ON CONFLICT (state, connection) DO UPDATE SET count = counts.count + excluded.count;
  ELSE
    INSERT INTO "old".counts SELECT state, pg_backend_pid(), sum(change) FROM (
      SELECT state, 1 AS change FROM added UNION ALL SELECT state, -1 FROM removed
    ) AS changes GROUP BY state HAVING sum(change) <> 0 ORDER BY state
    ON CONFLICT (state, connection) DO UPDATE SET count = counts.count + excluded.count;
  END IF;
  RETURN NULL;
END $body$;
CREATE TRIGGER count_added AFTER INSERT ON "old".deliveries REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION "old".count_states();
CREATE TRIGGER count_changed AFTER UPDATE ON "old".deliveries REFERENCING OLD TABLE AS removed NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION "old".count_states();
CREATE TRIGGER count_removed AFTER DELETE ON "old".deliveries REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION "old".count_states();

-- Whatever decides which delivery of a lane is next holds this lock until it commits. In order, so that no two wait for each other.
CREATE FUNCTION "old".lock_lanes(lanes text[]) RETURNS void LANGUAGE sql AS $body$
  SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended('"old"' || lane, 0) AS key FROM unnest(lanes) AS lane WHERE lane IS NOT NULL ORDER BY key
  ) AS keys
$body$;

-- Lets the first held delivery of a lane wait for its turn, unless another of the lane does already.
CREATE FUNCTION "old".promote(lanes text[]) RETURNS void LANGUAGE sql AS $body$
  UPDATE "old".deliveries SET state = 'waiting', retry_at = NULL, due_at = NULL WHERE seq IN (
    SELECT (SELECT seq FROM "old".deliveries WHERE lane = one.lane AND state = 'held' ORDER BY seq LIMIT 1)
    FROM (SELECT DISTINCT unnest(lanes) AS lane) AS one
    WHERE NOT EXISTS (SELECT 1 FROM "old".deliveries WHERE lane = one.lane AND state IN ('waiting', 'active'))
  )
$body$;

CREATE FUNCTION "old".put(batch json) RETURNS SETOF text LANGUAGE plpgsql AS $body$
BEGIN
  -- Whatever this connection is set to: what is acknowledged is flushed, and a locked table ends the wait.
  PERFORM set_config('lock_timeout', '5s', true);
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  PERFORM "old".lock_lanes(ARRAY(SELECT item->>'lane' FROM json_array_elements(batch) AS item));
  RETURN QUERY
    WITH items AS (
      SELECT DISTINCT ON (id) * FROM ROWS FROM (json_to_recordset(batch) AS (
        id text, event text, entity_id text, entity_updated_at bigint, webhook_id text, lane text, received_at bigint,
        signature text, secret_id text, trace text, body text
      )) WITH ORDINALITY ORDER BY id, ordinality
    ), fresh AS (
      SELECT *, row_number() OVER (PARTITION BY lane ORDER BY ordinality) AS place FROM items
      WHERE NOT EXISTS (SELECT 1 FROM "old".digests AS known WHERE known.id = items.id)
        AND NOT EXISTS (SELECT 1 FROM "old".deliveries AS known WHERE known.id = items.id)
    ), stored AS (
      INSERT INTO "old".deliveries (id, event, entity_id, entity_updated_at, webhook_id, lane, state, received_at, signature, secret_id, trace)
      SELECT id, event, entity_id, entity_updated_at, webhook_id, lane, CASE WHEN lane IS NOT NULL AND (place > 1 OR EXISTS (
        SELECT 1 FROM "old".deliveries AS other WHERE other.lane = fresh.lane AND other.state IN ('waiting', 'active')
      ) OR EXISTS (
        SELECT 1 FROM "old".deliveries AS other WHERE other.lane = fresh.lane AND other.state = 'held'
      )) THEN 'held' ELSE 'waiting' END, received_at, signature, secret_id, trace
      FROM fresh ORDER BY ordinality
      ON CONFLICT (id) DO NOTHING RETURNING deliveries.seq, deliveries.id
    ), kept AS (
      INSERT INTO "old".bodies SELECT stored.seq, decode(items.body, 'base64') FROM stored JOIN items USING (id)
    )
    SELECT stored.id FROM stored;
END $body$;

CREATE FUNCTION "old".settle(which bigint, token text, outcome text, error text, retry bigint, worker_now bigint)
RETURNS boolean LANGUAGE plpgsql AS $body$
DECLARE its_lane text;
BEGIN
  SELECT lane INTO its_lane FROM "old".deliveries WHERE seq = which;
  PERFORM "old".lock_lanes(ARRAY[its_lane]);
  UPDATE "old".deliveries SET
    lease = NULL, lease_ms = NULL, beat = NULL,
    state = CASE WHEN outcome IN ('retry', 'returned') THEN 'waiting' ELSE outcome END,
    attempts = attempts - CASE outcome WHEN 'returned' THEN 1 ELSE 0 END,
    due_at = CASE WHEN outcome <> 'retry' THEN NULL WHEN abs((extract(epoch FROM clock_timestamp()) * 1000)::bigint - worker_now) < 1000 THEN retry ELSE (extract(epoch FROM clock_timestamp()) * 1000)::bigint + retry - worker_now END,
    retry_at = CASE outcome WHEN 'retry' THEN retry END,
    finished_at = CASE WHEN outcome NOT IN ('retry', 'returned') THEN (extract(epoch FROM clock_timestamp()) * 1000)::bigint END,
    handled = CASE WHEN outcome NOT IN ('done', 'skipped') THEN handled END,
    last_error = CASE WHEN outcome IN ('retry', 'dead') THEN error ELSE last_error END
  WHERE seq = which AND lease = token;
  IF NOT FOUND THEN RETURN false; END IF;
  IF its_lane IS NOT NULL AND outcome NOT IN ('retry', 'returned') THEN PERFORM "old".promote(ARRAY[its_lane]); END IF;
  RETURN true;
END $body$;

CREATE FUNCTION "old".mark_dead(which text, reason text) RETURNS boolean LANGUAGE plpgsql AS $body$
DECLARE its_lane text;
BEGIN
  SELECT lane INTO its_lane FROM "old".deliveries WHERE id = which;
  PERFORM "old".lock_lanes(ARRAY[its_lane]);
  UPDATE "old".deliveries SET state = 'dead', finished_at = (extract(epoch FROM clock_timestamp()) * 1000)::bigint, last_error = reason, retry_at = NULL, due_at = NULL, lease = NULL, lease_ms = NULL, beat = NULL
  WHERE id = which AND state IN ('held', 'waiting', 'active');
  IF NOT FOUND THEN RETURN false; END IF;
  IF its_lane IS NOT NULL THEN PERFORM "old".promote(ARRAY[its_lane]); END IF;
  RETURN true;
END $body$;

-- Puts deliveries at their places in their lanes again.
CREATE FUNCTION "old".replay(which bigint[]) RETURNS bigint LANGUAGE plpgsql AS $body$
DECLARE lanes text[]; replayed bigint;
BEGIN
  lanes := ARRAY(SELECT DISTINCT lane FROM "old".deliveries WHERE seq = ANY (which) AND lane IS NOT NULL);
  PERFORM "old".lock_lanes(lanes);
  UPDATE "old".deliveries SET
    attempts = 0, retry_at = NULL, due_at = NULL, finished_at = NULL,
    state = CASE WHEN lane IS NULL OR state = 'waiting' THEN 'waiting' ELSE 'held' END
  WHERE seq = ANY (which) AND state NOT IN ('held', 'active');
  GET DIAGNOSTICS replayed = ROW_COUNT;
  PERFORM "old".promote(lanes);
  RETURN replayed;
END $body$;
