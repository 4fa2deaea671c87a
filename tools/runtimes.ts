import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Conformance } from './conformance/case';
import { root, run } from './pack';
import { serveWorker } from './workerd';

/** A runtime, or another build on the same, and how it tries the suite in a scratch project. */
export interface Runtime {
  readonly name: string;
  /** Titles of cases that it cannot pass, whatever runs on it. */
  readonly excuses?: readonly string[];
  conform(scratch: string): Promise<Conformance>;
}

const matrix = join(root, 'tools/matrix');

/** Installs the runtimes and compilers of the matrix, unless they are there. */
export async function installMatrix(): Promise<void> {
  if (!existsSync(join(matrix, 'node_modules'))) {
    await run(
      'npm',
      ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'],
      matrix,
    );
  }
}

/** A binary out of the package that was made for this platform; no install script is run that would move it. */
function binary(scope: string, packages: RegExp, path: string): string {
  const folder = join(matrix, 'node_modules', scope);
  const found = readdirSync(folder).find((name) => packages.test(name) && existsSync(join(folder, name, path)));
  if (!found)
    throw new Error(
      `${scope || 'node_modules'} holds no ${path} for this platform: run npm ci --ignore-scripts in ${matrix}.`,
    );
  return join(folder, found, path);
}

async function onCommandLine(command: string, args: readonly string[], scratch: string): Promise<Conformance> {
  return JSON.parse(await run(command, [...args, 'main.mjs'], scratch)) as Conformance;
}

async function onWorkerd(scratch: string, name: string, flags: readonly string[] = []): Promise<Conformance> {
  const worker = await serveWorker({ entry: join(scratch, `${name}.mjs`), flags });
  try {
    return (await (await fetch(worker.url)).json()) as Conformance;
  } finally {
    await worker.close();
  }
}

const node: Runtime = {
  name: `Node ${process.versions.node}`,
  conform: (scratch) => onCommandLine(process.execPath, [], scratch),
};
const nodeOnWebCrypto: Runtime = {
  name: `Node ${process.versions.node}, web build`,
  conform: (scratch) => onCommandLine(process.execPath, ['--conditions=browser'], scratch),
};
const workerd: Runtime = { name: 'workerd', conform: (scratch) => onWorkerd(scratch, 'worker') };

/** Those that need nothing but the workspace. */
export const workspaceRuntimes: readonly Runtime[] = [node, nodeOnWebCrypto, workerd];

/** Those that the matrix brings. */
export const matrixRuntimes: readonly Runtime[] = [
  {
    name: 'Node 24',
    conform: (scratch) => onCommandLine(binary('', /^node24-/, 'bin/node'), [], scratch),
  },
  { name: 'Bun', conform: (scratch) => onCommandLine(binary('@oven', /^bun-/, 'bin/bun'), ['run'], scratch) },
  {
    name: 'Bun, web build',
    conform: (scratch) => onCommandLine(binary('@oven', /^bun-/, 'bin/bun'), ['--conditions=browser', 'run'], scratch),
  },
  {
    name: 'Deno',
    // Its node:http cuts the connection where an answer ends before the request does.
    excuses: [
      'Express: a huge body is refused with an answer, not with a reset connection',
      'Express: a huge body in pieces is refused with an answer, not with a reset connection',
    ],
    conform: (scratch) => onCommandLine(binary('@deno', /./, 'deno'), ['run', '--allow-all', '--no-prompt'], scratch),
  },
  {
    name: 'workerd, the adapter contract',
    conform: (scratch) => onWorkerd(scratch, 'contract-worker', ['nodejs_compat']),
  },
];
