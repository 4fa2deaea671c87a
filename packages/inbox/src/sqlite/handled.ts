import type { Connection } from './connection';

/**
 * Adds names to those of the handlers that have succeeded for a leased delivery, in the transaction that is open. Returns whether the
 * lease is still held.
 */
export function addHandled(connection: Connection, seq: number, token: string, names: readonly string[]): boolean {
  const [row] = connection.all<{ handled: string | null }>(
    'SELECT handled FROM blue_deliveries WHERE seq = ? AND lease = ?',
    ...[seq, token],
  );
  if (!row) return false;
  const all = new Set([...(JSON.parse(row.handled ?? '[]') as string[]), ...names]);
  connection.run('UPDATE blue_deliveries SET handled = ? WHERE seq = ?', JSON.stringify([...all]), seq);
  return true;
}
