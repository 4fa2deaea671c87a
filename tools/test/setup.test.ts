import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { packageManager: string };

/** A small workspace with pnpm as a dependency, as ours has. Those that run concurrently are clones of their own. */
describe('npm run setup', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-setup-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function run(command: string, args: readonly string[], cwd: string, env: Record<string, string> = {}) {
    const { CI: _, ...inherited } = process.env;
    return new Promise<{ code: number; said: string }>((done) => {
      execFile(command, args, { cwd, env: { ...inherited, ...env } }, (error, stdout, stderr) =>
        done({ code: error ? Number(error.code) : 0, said: `${stdout}${stderr}` }),
      );
    });
  }

  function cloneAt(name: string) {
    const clone = join(folder, name);
    const modules = join(clone, 'node_modules');
    const record = join(modules, '.modules.yaml');
    const storeIn = /("?storeDir"?: "?)([^",\n]+)/;
    return {
      clone,
      modules,
      inClone: (path: string) => join(clone, path),
      setup: (env: Record<string, string> = {}) => run('npm', ['run', '--silent', 'setup'], clone, env),
      storeOf: () => storeIn.exec(readFileSync(record, 'utf8'))?.[2],
      /** Records that the modules come from another store. */
      changeStore: (store: string) =>
        writeFileSync(
          record,
          readFileSync(record, 'utf8').replace(storeIn, (_, before: string) => before + store),
        ),
      isComplete: () => ['package.json', 'dist/worker.js'].every((path) => existsSync(join(modules, 'pnpm', path))),
    };
  }

  beforeAll(async () => {
    const original = join(folder, 'original');
    mkdirSync(join(original, 'tools'), { recursive: true });
    cpSync(join(root, 'tools/setup.mjs'), join(original, 'tools/setup.mjs'));
    const scripts = { setup: 'node tools/setup.mjs' };
    const devDependencies = { pnpm: packageManager.replace('pnpm@', '') };
    const manifest = JSON.stringify({ private: true, packageManager, scripts, devDependencies });
    writeFileSync(join(original, 'package.json'), manifest);
    const pnpm = ['exec', '--yes', '--prefer-offline', `--package=${packageManager}`, '--', 'pnpm', '--dir', original];
    const install = ['install', '--lockfile-only', '--prefer-offline'];
    expect(await run('npm', [...pnpm, ...install], folder)).toMatchObject({ code: 0 });
    for (const name of ['modules', 'waiting', 'home']) cpSync(original, join(folder, name), { recursive: true });
  }, 300_000);

  describe('with modules of an earlier install', { concurrent: true }, () => {
    const { modules, inClone, setup, storeOf, changeStore, isComplete } = cloneAt('modules');

    test.sequential('replaces the modules of another store', async () => {
      const env = { CI: 'true' };
      expect((await setup(env)).code).toBe(0);
      const store = join(folder, 'store');
      changeStore(store);
      expect(storeOf()).toBe(store);
      expect(await setup(env)).toEqual({ code: 0, said: '' });
      expect(storeOf()).not.toContain(store);
      expect(isComplete()).toBe(true);
      expect(await setup(env)).toEqual({ code: 0, said: '' });
    });

    test.sequential('replaces modules of which pnpm has no record, without a terminal to ask at', async () => {
      rmSync(join(modules, '.modules.yaml'));
      rmSync(join(modules, '.pnpm/lock.yaml'));
      rmSync(join(modules, 'pnpm/dist/worker.js'));
      expect((await setup()).code).toBe(0);
      expect(isComplete()).toBe(true);
    });

    test.sequential('removes what a killed setup left, and installs it again', async () => {
      rmSync(join(modules, 'pnpm/dist/worker.js'));
      const ended = await run(process.execPath, ['-e', 'console.log(process.pid)'], folder);
      writeFileSync(inClone('.setup/installing'), ended.said);
      expect((await setup()).code).toBe(0);
      expect(isComplete()).toBe(true);
      expect(existsSync(inClone('.setup/installing'))).toBe(false);
    });
  });

  describe('without modules', { concurrent: true }, () => {
    test('waits for a setup that runs in the same clone', async () => {
      const { setup, isComplete } = cloneAt('waiting');
      expect(await Promise.all([setup(), setup()])).toMatchObject([{ code: 0 }, { code: 0 }]);
      expect(isComplete()).toBe(true);
    });

    test('keeps caches and store in the clone where the home folder cannot be written to', async () => {
      const { clone, inClone, storeOf, isComplete } = cloneAt('home');
      const env = { HOME: '/dev/null', npm_config_cache: '/dev/null/npm', XDG_DATA_HOME: '/dev/null' };
      expect((await run(process.execPath, ['tools/setup.mjs'], clone, env)).code).toBe(0);
      expect(storeOf()).toContain(inClone('.setup/home'));
      expect(isComplete()).toBe(true);
    });
  });
});
