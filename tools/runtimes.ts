import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Conformance } from './conformance/case';
import { root, run } from './pack';
import { serveWorker } from './workerd';

/** A runtime, or another build on it, and how it runs the suite in a scratch project. */
export interface Runtime {
  readonly name: string;
  /** Titles of cases that it cannot pass for reasons of its own. */
  readonly excuses?: readonly string[];
  conform(scratch: string): Promise<Conformance>;
}

const matrix = join(root, 'tools/matrix');

/** Installs the runtimes and compilers of the matrix, if they are missing. */
export async function installMatrix(): Promise<void> {
  if (!existsSync(join(matrix, 'node_modules'))) {
    await run(
      'npm',
      ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'],
      matrix,
    );
  }
}

/** Returns a binary from the package for this platform. No install script is run that would move it. */
function binary(scope: string, packages: RegExp, path: string): string {
  const folder = join(matrix, 'node_modules', scope);
  const found = readdirSync(folder).find((name) => packages.test(name) && existsSync(join(folder, name, path)));
  if (!found)
    throw new Error(
      `${scope || 'node_modules'} contains no ${path} for this platform: run npm ci --ignore-scripts in ${matrix}.`,
    );
  return join(folder, found, path);
}

const ownBinary = () => ({ command: process.execPath, args: [] });
const node24 = () => ({ command: binary('', /^node24-/, 'bin/node'), args: [] });
export const bun = () => ({ command: binary('@oven', /^bun-/, 'bin/bun'), args: ['run'] });
export const deno = () => ({ command: binary('@deno', /./, 'deno'), args: ['run', '--allow-all', '--no-prompt'] });

/** Creates a runtime that is a command. `suite` is the file that it runs in the scratch project. */
function onCommandLine(
  name: string,
  find: () => { readonly command: string; readonly args: readonly string[] },
  { suite = 'main', flags = [] as readonly string[], excuses = [] as readonly string[] } = {},
): Runtime {
  return {
    name,
    excuses,
    async conform(scratch) {
      const { command, args } = find();
      return JSON.parse(await run(command, [...flags, ...args, `${suite}.mjs`], scratch)) as Conformance;
    },
  };
}

function onWorkerd(name: string, suite: string, flags: readonly string[] = []): Runtime {
  return {
    name,
    async conform(scratch) {
      const worker = await serveWorker({ entry: join(scratch, `${suite}.mjs`), flags });
      try {
        return (await (await fetch(worker.url)).json()) as Conformance;
      } finally {
        await worker.close();
      }
    },
  };
}

/** The Node that runs this check. */
export const thisNode: Runtime = onCommandLine(`Node ${process.versions.node}`, ownBinary);

const webBuild = { flags: ['--conditions=browser'] };

/** The runtimes that the workspace contains. */
export const workspaceRuntimes: readonly Runtime[] = [
  thisNode,
  onCommandLine(`${thisNode.name}, web build`, ownBinary, webBuild),
  onWorkerd('workerd', 'worker'),
];

/** The runtimes of the matrix. */
export const matrixRuntimes: readonly Runtime[] = [
  onCommandLine('Node 24', node24),
  onCommandLine('Bun', bun),
  onCommandLine('Bun, web build', bun, webBuild),
  onCommandLine('Deno', deno, {
    // Its node:http cuts the connection where an answer ends before the request does.
    excuses: [
      'Express: a huge body is refused with an answer, not with a reset connection',
      'Express: a huge body in pieces is refused with an answer, not with a reset connection',
    ],
  }),
  onWorkerd('workerd, the adapter contract', 'contract-worker', ['nodejs_compat']),
  onCommandLine(`${thisNode.name}, inbox`, ownBinary, { suite: 'inbox' }),
  onCommandLine('Node 24, inbox', node24, { suite: 'inbox' }),
  onCommandLine('Bun, inbox', bun, { suite: 'inbox' }),
  onCommandLine('Deno, inbox', deno, { suite: 'inbox' }),
];
