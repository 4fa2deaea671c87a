import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claim, inFolder } from './say';

/** Installed for this check alone: together 300 MB. */
const installed = ['node@24.21.0', 'better-sqlite3@13.2.0', 'bun@1.4.5'];

/** Runs the contracts on the drivers that Node 20 does not have. */
export async function runtimes(): Promise<void> {
  await inFolder(async (folder) => {
    const run = (command: string, args: readonly string[], cwd?: string) =>
      spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
    claim(
      'the runtimes can be installed',
      run('npm', ['install', '--silent', '--prefix', folder, ...installed], folder),
    );
    const script = fileURLToPath(new URL('contract.ts', import.meta.url));
    const bin = (name: string) => join(folder, 'node_modules', '.bin', name);
    const source = ['--conditions', '@blue-webhooks/source'];
    const node = (...args: string[]) =>
      run(bin('node'), ['--disable-warning=ExperimentalWarning', ...source, '--import', 'tsx', script, ...args]);
    claim('the contracts hold on node:sqlite', node('path'));
    claim('the contracts hold on a handle of node:sqlite', node('node:sqlite'));
    claim('the contracts hold on a handle of libsql', node('libsql'));
    claim(
      'the contracts hold on better-sqlite3',
      node('better-sqlite3', join(folder, 'node_modules/better-sqlite3/lib/index.js')),
    );
    claim('the contracts hold on bun:sqlite', run(bin('bun'), [...source, script, 'bun:sqlite']));
  });
}
