import type { EraseSelection, Erasure } from '../store';
import type { Query } from './pool';
import { storable } from './puts';
import type { Schema } from './schema';

/**
 * A migration: deletes deliveries in every state, remembers their ids, and lets the next of their lanes wait. PostgreSQL keeps samples
 * of each column in its statistics, where they would outlive the rows.
 */
export const erasing = ({ name, deliveries, bodies, digests }: Schema): string => `
    ALTER TABLE ${deliveries} ALTER COLUMN last_error SET STATISTICS 0;
    ALTER TABLE ${bodies} ALTER COLUMN body SET STATISTICS 0;

    CREATE FUNCTION ${name}.erase(which bigint[], OUT erased bigint, OUT active bigint) LANGUAGE plpgsql AS $body$
    DECLARE lanes text[];
    BEGIN
      lanes := ARRAY(SELECT DISTINCT lane FROM ${deliveries} WHERE seq = ANY (which) AND lane IS NOT NULL);
      PERFORM ${name}.lock_lanes(lanes);
      WITH gone AS (
        DELETE FROM ${deliveries} WHERE seq = ANY (which) RETURNING seq, id, state, received_at
      ), without AS (
        DELETE FROM ${bodies} WHERE seq IN (SELECT seq FROM gone)
      ), remembered AS (
        INSERT INTO ${digests} SELECT id, received_at FROM gone ON CONFLICT DO NOTHING
      )
      SELECT count(*), count(*) FILTER (WHERE state = 'active') INTO erased, active FROM gone;
      PERFORM ${name}.promote(lanes);
    END $body$;
`;

/** So that no transaction holds its locks for long. */
const CHUNK = 500;

/** Deletes deliveries. Their bytes stay in PostgreSQL's files until the tables are rewritten. */
export async function erase(
  query: Query,
  schema: Schema,
  { ids, entityId, webhookId }: EraseSelection,
): Promise<Erasure> {
  const conditions: string[] = [];
  const values: string[] = [];
  const placeOf = (value: string) => `$${values.push(value)}`;
  if (ids !== undefined) {
    const list = placeOf(JSON.stringify(ids.map((id) => storable(id))));
    conditions.push(`id IN (SELECT json_array_elements_text(${list}::text::json))`);
  }
  if (entityId !== undefined) conditions.push(`entity_id = ${placeOf(storable(entityId))}`);
  if (webhookId !== undefined) conditions.push(`webhook_id = ${placeOf(storable(webhookId))}`);
  let erased = 0;
  let active = 0;
  for (let length = CHUNK; length === CHUNK; ) {
    const rows = await query<{ seq: number }>(
      `SELECT seq::float8 FROM ${schema.deliveries} WHERE ${conditions.join(' AND ')} LIMIT ${CHUNK}`,
      ...values,
    );
    length = rows.length;
    if (length === 0) break;
    const [row] = await query<Erasure>(
      `SELECT erased::float8, active::float8 FROM ${schema.name}.erase(
         ARRAY(SELECT value::bigint FROM json_array_elements_text($1::text::json) AS value)
       )`,
      JSON.stringify(rows.map(({ seq }) => seq)),
    );
    erased += row?.erased ?? 0;
    active += row?.active ?? 0;
  }
  return { erased, active };
}
