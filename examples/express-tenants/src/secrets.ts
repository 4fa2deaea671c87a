import Database from 'libsql';

/** Opens a table with the secrets of many webhooks. A webhook has several while its tenant rotates its secret. */
export function openSecrets(path: string) {
  const database = new Database(path);
  database.exec(
    'CREATE TABLE IF NOT EXISTS secret (webhook_id TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (webhook_id, name))',
  );
  const select = database.prepare('SELECT name AS id, value AS secret FROM secret WHERE webhook_id = ?');
  const insert = database.prepare('INSERT INTO secret (webhook_id, name, value) VALUES (?, ?, ?)');
  return {
    add: (webhookId: string, name: string, value: string): void => void insert.run(webhookId, name, value),
    /** Returns what `createReceiver` accepts: `undefined` for an unknown webhook. */
    of(webhookId: string | undefined): { id: string; secret: string }[] | undefined {
      const rows = webhookId === undefined ? [] : (select.all(webhookId) as { id: string; secret: string }[]);
      return rows.length > 0 ? rows.map(({ id, secret }) => ({ id, secret })) : undefined;
    },
    close: (): void => void database.close(),
  };
}
