import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claim, inFolder } from './say';

/** What is installed for this check alone: it would weigh 300 MB in everyone's. */
const installed = ['node@24.21.0', 'better-sqlite3@13.2.0', 'bun@1.4.5'];

/** The contracts on the drivers that Node 20 does not have. */
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
    claim('node:sqlite keeps the contract', node('path'));
    claim('node:sqlite does, handed in', node('node:sqlite'));
    claim('libsql does, handed in', node('libsql'));
    claim('better-sqlite3 does', node('better-sqlite3', join(folder, 'node_modules/better-sqlite3/lib/index.js')));
    claim('bun:sqlite does', run(bin('bun'), [...source, script, 'bun:sqlite']));
  });
}
