/** Runs commands of the workspace, as npm runs those of `package.json`. Plain Node, since it also runs before anything is installed. */
import { spawn } from 'node:child_process';
import { delimiter, join, resolve } from 'node:path';
import process from 'node:process';

export const root = resolve(import.meta.dirname, '..');

const environment = () => ({
  ...process.env,
  PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
});

/** Starts a command in the root folder, with the binaries of the workspace. */
export const start = (command, options = {}) =>
  spawn(command, { cwd: root, env: environment(), shell: true, ...options });

/** Runs a command to its end, with further arguments. Resolves with its exit code. */
export function run(command, args = []) {
  const quoted = args.map((argument) => `'${argument.replaceAll("'", `'\\''`)}'`);
  const child = start([command, ...quoted].join(' '), { stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  const wait = () => {}; // Ctrl-C reaches the command as well, which decides when it ends
  process.on('SIGINT', wait).on('SIGTERM', forward);
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      process.off('SIGINT', wait).off('SIGTERM', forward);
      done(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

/** Runs commands one after the other, and stops at the first that fails. Resolves with its exit code, or with 0. */
export async function runAll(commands) {
  for (const command of commands) {
    const code = await run(command);
    if (code !== 0) return code;
  }
  return 0;
}

/** Installs what `pnpm-lock.yaml` pins, and builds the packages that have changed. */
export const prepare = ['node tools/setup.mjs', 'node tools/build.mjs'];
