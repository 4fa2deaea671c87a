/**
 * `npm run setup`: installs what `pnpm-lock.yaml` pins. Plain Node without dependencies, since it runs before there are any.
 *
 * pnpm is a development dependency, so `npx pnpm` would run the copy in `node_modules`, and an install that replaces that
 * folder (made with another store, or left half-finished) would delete the program that is running. pnpm therefore runs from a
 * folder outside: a copy of the installed one, or the one that npm fetches or has cached.
 */
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const root = resolve(import.meta.dirname, '..');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const version = packageManager.replace(/^pnpm@/, '');
const state = join(root, '.setup');
const lock = join(state, 'installing');
const LOOK_EVERY_MS = 200;

const options = ['--frozen-lockfile', '--prefer-offline', '--loglevel=error'];
// The modules folders hold nothing but what is installed: replacing them needs no confirmation, for which pnpm wants a terminal.
const install = ['--dir', root, 'install', ...options, '--config.confirm-modules-purge=false'];

const outside = mkdtempSync(join(tmpdir(), 'blue-webhooks-setup-'));
process.on('exit', () => rmSync(outside, { recursive: true, force: true }));

await acquire();
try {
  process.exitCode = installWithCopy() ?? installWithNpm();
} finally {
  if (process.exitCode === 0) rmSync(lock, { force: true });
}

/** Waits for another setup of this clone to finish. If the last one was killed, removes its unfinished modules. */
async function acquire() {
  mkdirSync(state, { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = Number(readFileSync(lock, 'utf8'));
    if (isAlive(holder)) await sleep(LOOK_EVERY_MS);
    else {
      removeModules();
      rmSync(lock, { force: true });
    }
  }
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Removes all modules folders. Each is renamed first, so that a kill leaves no folder that looks complete. */
function removeModules() {
  const workspaces = ['packages', 'examples'].filter((name) => existsSync(join(root, name)));
  const folders = workspaces.flatMap((name) => readdirSync(join(root, name)).map((folder) => join(root, name, folder)));
  for (const folder of [root, join(root, 'docs'), ...folders]) {
    const modules = join(folder, 'node_modules');
    if (!existsSync(modules)) continue;
    const away = mkdtempSync(join(state, 'removed-'));
    renameSync(modules, join(away, 'node_modules'));
    rmSync(away, { recursive: true, force: true });
  }
}

/** Installs with a copy of the installed pnpm, which needs no network. Returns `undefined` if it does not work. */
function installWithCopy() {
  const installed = join(root, 'node_modules/pnpm');
  const copy = join(outside, 'pnpm');
  try {
    if (JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).version !== version) return undefined;
    if (!existsSync(join(installed, 'dist/worker.js'))) return undefined;
    cpSync(installed, copy, { recursive: true, dereference: true });
  } catch {
    return undefined; // not installed, or only in part
  }
  const program = join(copy, 'bin/pnpm.cjs');
  const works = run(process.execPath, [program, '--version'], 'ignore').status === 0;
  const { status } = works ? run(process.execPath, [program, ...install]) : {};
  return status === 0 ? 0 : undefined;
}

function installWithNpm() {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const exec = ['exec', '--yes', '--prefer-offline', '--prefix', outside, `--package=pnpm@${version}`];
  const { status, error } = run(npm, [...exec, '--', 'pnpm', ...install]);
  if (error) console.error(`setup: npm cannot be run: ${error.message}`);
  return status ?? 1;
}

function run(command, args, stdio = 'inherit') {
  const shell = command.endsWith('.cmd');
  return spawnSync(command, args, { cwd: outside, env: environment(), stdio, shell });
}

/** Returns the environment. If the home folder is not writable, caches and the store are in the clone. */
function environment() {
  const { npm_config_cache: cache = join(homedir(), '.npm'), XDG_DATA_HOME: data = homedir() } = process.env;
  if (isWritable(cache) && isWritable(data)) return process.env;
  const home = join(state, 'home');
  mkdirSync(home, { recursive: true });
  const xdg = ['DATA', 'CACHE', 'STATE', 'CONFIG'].map((name) => [`XDG_${name}_HOME`, join(home, name.toLowerCase())]);
  return { ...process.env, ...Object.fromEntries(xdg), npm_config_cache: join(home, 'npm') };
}

/** Returns whether a folder is writable, or can be created. */
function isWritable(path) {
  try {
    accessSync(path, constants.W_OK);
    return statSync(path).isDirectory();
  } catch (error) {
    return error.code === 'ENOENT' && path !== dirname(path) && isWritable(dirname(path));
  }
}
