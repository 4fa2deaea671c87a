import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('..', import.meta.url));
const root = join(bench, '..');
const packages = ['core', 'express', 'hono'];

/** Installs the peers by their lock file, and next to them the packages of this repository, built and packed as they are published. */
export function prepare() {
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], bench);
  const scratch = mkdtempSync(join(tmpdir(), 'blue-webhooks-bench-'));
  for (const name of packages) {
    const folder = join(root, 'packages', name);
    const destination = join(scratch, name);
    const target = join(bench, 'node_modules', '@blue-webhooks', name);
    pnpm(['run', 'build'], folder);
    pnpm(['pack', '--pack-destination', destination], folder);
    mkdirSync(target, { recursive: true });
    const tarball = join(destination, readdirSync(destination)[0]);
    run('tar', ['-xzf', tarball, '--strip-components=1', '-C', target], bench);
  }
  rmSync(scratch, { recursive: true });
}

const pnpm = (args, cwd) => run(join(root, 'node_modules', '.bin', 'pnpm'), args, cwd);

function run(command, args, cwd) {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}

/**
 * Returns the runtimes to measure: this Node, and the runtimes that npm has installed for this machine.
 * @returns {{ id: string, command: string, args: string[] }[]}
 */
export function runtimes() {
  const modules = join(bench, 'node_modules');
  const installed = (scope, prefix, file) =>
    (existsSync(join(modules, scope)) ? readdirSync(join(modules, scope)) : [])
      .filter((name) => name.startsWith(prefix))
      .map((name) => join(modules, scope, name, file))
      .find(existsSync);
  const found = [
    { id: 'node', command: process.execPath, args: ['--expose-gc'] },
    { id: 'node24', command: installed('.', 'node24-', 'bin/node'), args: ['--expose-gc'] },
    { id: 'bun', command: installed('@oven', 'bun-', 'bin/bun') ?? installed('.', 'bun', 'bin/bun.exe'), args: [] },
    {
      id: 'deno',
      command: installed('@deno', '', 'deno') ?? installed('.', 'deno', 'deno'),
      args: ['run', '-A', '-q'],
    },
  ];
  return found.filter(({ command }) => command !== undefined);
}
