import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { packageManager: string };

/** A small workspace with pnpm as a dependency, as ours has, and a store of its own. */
describe('npm run setup', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-setup-test-'));
  const clone = join(folder, 'clone');
  const modules = join(clone, 'node_modules');
  const inClone = (path: string) => join(clone, path);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function run(command: string, args: readonly string[], cwd: string, env: Record<string, string> = {}) {
    const { CI: _, ...inherited } = process.env;
    return new Promise<{ code: number; said: string }>((done) => {
      execFile(command, args, { cwd, env: { ...inherited, ...env } }, (error, stdout, stderr) =>
        done({ code: error ? Number(error.code) : 0, said: `${stdout}${stderr}` }),
      );
    });
  }

  const pnpm = (...args: string[]) =>
    run(
      'npm',
      ['exec', '--yes', '--prefer-offline', `--package=${packageManager}`, '--', 'pnpm', '--dir', clone, ...args],
      folder,
    );
  const setup = (env: Record<string, string> = {}) => run('npm', ['run', '--silent', 'setup'], clone, env);
  const storeOf = () => /"?storeDir"?: "?([^",\n]+)/.exec(readFileSync(join(modules, '.modules.yaml'), 'utf8'))?.[1];
  const isComplete = () => ['package.json', 'dist/worker.js'].every((path) => existsSync(join(modules, 'pnpm', path)));

  beforeAll(async () => {
    mkdirSync(inClone('tools'), { recursive: true });
    cpSync(join(root, 'tools/setup.mjs'), inClone('tools/setup.mjs'));
    const scripts = { setup: 'node tools/setup.mjs' };
    const devDependencies = { pnpm: packageManager.replace('pnpm@', '') };
    writeFileSync(inClone('package.json'), JSON.stringify({ private: true, packageManager, scripts, devDependencies }));
    expect(await pnpm('install', '--lockfile-only', '--prefer-offline')).toMatchObject({ code: 0 });
  }, 300_000);

  test('replaces the modules of another store', async () => {
    const env = { CI: 'true' };
    rmSync(modules, { recursive: true, force: true });
    const store = join(folder, 'store');
    expect(await pnpm('install', '--frozen-lockfile', '--prefer-offline', '--store-dir', store)).toMatchObject({
      code: 0,
    });
    expect(storeOf()).toContain(store);
    expect(await setup(env)).toEqual({ code: 0, said: '' });
    expect(storeOf()).not.toContain(store);
    expect(isComplete()).toBe(true);
    expect(await setup(env)).toEqual({ code: 0, said: '' });
  });

  test('replaces modules of which pnpm has no record, without a terminal to ask at', async () => {
    rmSync(join(modules, '.modules.yaml'));
    rmSync(join(modules, '.pnpm/lock.yaml'));
    rmSync(join(modules, 'pnpm/dist/worker.js'));
    expect((await setup()).code).toBe(0);
    expect(isComplete()).toBe(true);
  });

  test('removes what a killed setup left, and installs it again', async () => {
    rmSync(join(modules, 'pnpm/dist/worker.js'));
    const ended = await run(process.execPath, ['-e', 'console.log(process.pid)'], folder);
    writeFileSync(inClone('.setup/installing'), ended.said);
    expect((await setup()).code).toBe(0);
    expect(isComplete()).toBe(true);
    expect(existsSync(inClone('.setup/installing'))).toBe(false);
  });

  test('waits for a setup that runs in the same clone', async () => {
    rmSync(modules, { recursive: true });
    expect(await Promise.all([setup(), setup()])).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect(isComplete()).toBe(true);
  });

  test('keeps caches and store in the clone where the home folder cannot be written to', async () => {
    rmSync(modules, { recursive: true });
    const env = { HOME: '/dev/null', npm_config_cache: '/dev/null/npm', XDG_DATA_HOME: '/dev/null' };
    expect((await run(process.execPath, ['tools/setup.mjs'], clone, env)).code).toBe(0);
    expect(storeOf()).toContain(inClone('.setup/home'));
    expect(isComplete()).toBe(true);
  });
});
