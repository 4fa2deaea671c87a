/**
 * A statement that adds names (`$1`, a JSON array) to those of the handlers that have succeeded for a delivery (`$2`) leased with a
 * token (`$3`), and returns a row if the lease is still held. Names are compared as JSON, which escapes what a text of PostgreSQL
 * cannot hold.
 */
export const addHandled = (deliveries: string): string => `
  UPDATE ${deliveries} AS one SET handled = (
    SELECT '[' || string_agg(name, ',' ORDER BY place) || ']' FROM (
      SELECT name, min(place) AS place FROM (
        SELECT value::text AS name, place
        FROM json_array_elements(coalesce(one.handled, '[]')::json) WITH ORDINALITY AS stored (value, place)
        UNION ALL
        SELECT value::text, 1000000 + place FROM json_array_elements($1::text::json) WITH ORDINALITY AS added (value, place)
      ) AS every GROUP BY name
    ) AS each
  ) WHERE seq = $2 AND lease = $3 RETURNING 1`;
