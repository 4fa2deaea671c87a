import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteStore } from '../src/index';
import { openBeside } from './beside';
import { inboxWith, post, signed } from './endpoint';
import { scratchFile } from './scratch';

const files = (path: string) => [path, `${path}-wal`, `${path}-shm`];
const modes = (path: string) =>
  files(path).map((file) => (existsSync(file) ? (statSync(file).mode & 0o777).toString(8) : undefined));

test.each(['644', '666', '640', '604', '660'])(
  'an existing file of mode %s is made readable for its owner only, and reported',
  async (octal) => {
    const mode = Number.parseInt(octal, 8);
    const path = scratchFile();
    writeFileSync(path, '', { mode });
    chmodSync(path, mode);
    const { inbox, heard } = inboxWith({ store: sqliteStore(path) });
    await inbox.start();
    expect(await post(inbox, await signed())).toBe(204);
    expect(modes(path)).toEqual(['600', '600', '600']);
    const warnings = heard('warning').map((event) => 'reason' in event && event.reason);
    expect(warnings).toEqual([
      `Others could read the deliveries in ${path}: its mode was changed from ${octal} to 600.`,
    ]);
  },
);

test('an inbox that only receives reports it with the first delivery, once', async () => {
  const path = scratchFile();
  writeFileSync(path, '', { mode: 0o644 });
  const { inbox, heard } = inboxWith({ store: sqliteStore(path) });
  for (let i = 0; i < 2; i++) expect(await post(inbox, await signed())).toBe(204);
  expect(heard('warning')).toHaveLength(1);
});

test('a log and a shared memory that a process left open to others are closed to them, too', async () => {
  const path = scratchFile();
  const first = inboxWith({ store: sqliteStore(path) });
  expect(await post(first.inbox, await signed())).toBe(204);
  for (const file of files(path)) chmodSync(file, 0o644);
  const second = inboxWith({ store: sqliteStore(path) });
  await second.inbox.start();
  expect(modes(path)).toEqual(['600', '600', '600']);
  expect(second.heard('warning')).toHaveLength(3);
});

test('a rollback journal that a program left beside the file is closed to others', async () => {
  const path = scratchFile();
  writeFileSync(`${path}-journal`, '', { mode: 0o644 });
  chmodSync(`${path}-journal`, 0o444);
  const { heard, inbox } = inboxWith({ store: sqliteStore(path) });
  await inbox.start();
  expect(heard('warning')).toMatchObject([{ reason: expect.stringContaining(`${path}-journal`) }]);
});

test('a file behind a symbolic link is closed to others, with its log and its shared memory', async () => {
  const path = scratchFile();
  const link = `${scratchFile()}.link`;
  writeFileSync(path, '', { mode: 0o644 });
  symlinkSync(path, link);
  const { inbox } = inboxWith({ store: sqliteStore(link) });
  expect(await post(inbox, await signed())).toBe(204);
  expect(modes(path)).toEqual(['600', '600', '600']);
});

test('a new file, its log and its shared memory are readable for their owner only, whatever the umask', async () => {
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
  const path = scratchFile();
  const { inbox, heard } = inboxWith({ store: sqliteStore(path) });
  await inbox.start();
  expect(await post(inbox, await signed())).toBe(204);
  expect(modes(path)).toEqual(['600', '600', '600']);
  expect(heard('warning')).toEqual([]);
});

test('opening a file that this process has open already does not release its locks', async () => {
  // POSIX: closing any descriptor of a file releases all locks that the process has on it.
  const path = scratchFile();
  const database = openBeside(path);
  database.exec('CREATE TABLE a (b); BEGIN EXCLUSIVE');
  await expect(sqliteStore(path, { busyTimeoutMs: 50 }).open()).rejects.toThrow('locked');
  const script = `
    const builtin = process.getBuiltinModule?.('node:sqlite');
    const Database = builtin ? builtin.DatabaseSync : require(${JSON.stringify(createRequire(import.meta.url).resolve('libsql'))});
    try { new Database(${JSON.stringify(path)}).exec('INSERT INTO a VALUES (1)'); console.log('written'); }
    catch (error) { console.log(error.message); }`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  expect(stdout).toContain('locked');
});
