import type { Connection, Reader } from './connection';
import type { FullRow } from './row';

const encoder = new TextEncoder();

/** Stores a body: where a value may not be as long, the rest follows in parts. */
export function insertBody(connection: Connection, seq: number, rawBody: string): void {
  const body = encoder.encode(rawBody);
  const size = connection.maxValueBytes ?? body.length;
  connection.run('INSERT INTO blue_bodies VALUES (?, ?)', seq, body.subarray(0, size));
  for (let from = size; from < body.length; from += size) {
    connection.run('INSERT INTO blue_body_parts VALUES (?, ?, ?)', seq, from, body.subarray(from, from + size));
  }
}

/** Returns the row of a delivery with its body, whole; with `null` if the row of the body was deleted by hand. */
export function readFullRow(reader: Reader, key: 'id' | 'seq', value: string | number): FullRow | undefined {
  const [row] = reader.all<FullRow>(
    `SELECT * FROM blue_deliveries LEFT JOIN blue_bodies USING (seq) WHERE ${key} = ?`,
    value,
  );
  if (!row?.body || row.body.byteLength !== reader.maxValueBytes) return row;
  const parts = reader.all<{ body: NonNullable<FullRow['body']> }>(
    'SELECT body FROM blue_body_parts WHERE seq = ? ORDER BY place',
    row.seq,
  );
  return { ...row, body: joined([row.body, ...parts.map(({ body }) => body)].map((part) => new Uint8Array(part))) };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
