import { UnrecoverableError } from '@blue-webhooks/core';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { postgresStore } from '../src/postgres';
import { eventually, inboxWith, moved, post, signed } from './endpoint';
import { found, newTitle } from './privacy/bytes';
import { hasPostgres, type PostgresServer, postgresMissing, startPostgres } from './services/postgres';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describe.skipIf(!hasPostgres)(`the files of PostgreSQL${postgresMissing}`, () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  let folder = '';
  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ connectionString: server.url });
    pool.on('error', () => {});
    const { rows } = await pool.query('SHOW data_directory');
    folder = rows[0].data_directory;
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  /** Stores deliveries of two entities, done and dead, with titles of their own, also in errors. */
  async function fill(schema: string, options: Partial<Parameters<typeof inboxWith>[0]> = {}) {
    const titles = { erased: [] as string[], kept: [] as string[] };
    const { inbox } = inboxWith(
      { store: postgresStore(pool, { schema }), order: 'none', ...options },
      ({ rawBody }) => {
        const { title, outcome } = JSON.parse(rawBody).currentValue;
        if (outcome === 'dead') throw new UnrecoverableError(`refused ${title}`);
      },
    );
    await inbox.start();
    // Without compression, so that its files can be searched.
    await pool.query(`ALTER TABLE "${schema}".bodies ALTER COLUMN body SET STORAGE EXTERNAL`);
    for (let i = 0; i < 40; i++) {
      const which = i % 2 === 0 ? 'erased' : 'kept';
      const title = newTitle();
      titles[which].push(title);
      const outcome = i % 4 < 2 ? 'done' : 'dead';
      await post(inbox, await signed(moved(which, { title, outcome, filler: crypto.randomUUID().repeat(i * 10) })));
    }
    await eventually(async () => (await inbox.stats()).dead === 20 && (await inbox.stats()).done === 20);
    return { inbox, titles };
  }

  const rewrite = async (schema: string) => {
    for (const table of ['deliveries', 'bodies']) await pool.query(`VACUUM (FULL, ANALYZE) "${schema}".${table}`);
    await pool.query('CHECKPOINT');
  };

  test('contain no title of an encrypted inbox, not even its write-ahead log', async () => {
    const { titles } = await fill('encrypted', {
      encrypt: { keys: [{ id: 'a', key: crypto.getRandomValues(new Uint8Array(32)) }] },
    });
    await pool.query('ANALYZE');
    await pool.query('CHECKPOINT');
    expect(found(folder, [...titles.erased, ...titles.kept])).toEqual([]);
  });

  test('contain no title of an erased entity once its tables were rewritten, as documented', async () => {
    const { inbox, titles } = await fill('erased');
    await pool.query('ANALYZE');
    await pool.query('CHECKPOINT');
    const tables = `${folder}/base`;
    expect(found(tables, titles.erased)).toEqual(titles.erased);
    expect(
      found(
        tables,
        titles.erased.map((title) => `refused ${title}`),
      ),
    ).toHaveLength(10);
    expect(await inbox.erase({ entityId: 'erased' })).toEqual({ erased: 20, active: 0 });
    await rewrite('erased');
    expect(found(tables, titles.erased)).toEqual([]);
    expect((await inbox.list({ limit: 100 })).deliveries).toHaveLength(20);
    const [kept] = (await inbox.list({ state: 'dead' })).deliveries;
    expect(titles.kept).toContain(JSON.parse((await inbox.get(kept?.id ?? ''))?.rawBody ?? '{}').currentValue.title);
  });
});
