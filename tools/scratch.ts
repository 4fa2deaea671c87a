import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Packed, root, run } from './pack';

export const npmFlags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];

/** What a project in TypeScript has besides. */
const typings = { '@types/express': '5.0.6', '@types/node': '20.19.43' };

/** The oldest versions of Express and Hono that the packages promise to run with, and the types of their time. */
export function oldestFrameworks(packed: readonly Packed[]): Readonly<Record<string, string>> {
  const { express = '', hono = '' } = peersOf(packed);
  const oldest = (range: string) => /\d+\.\d+\.\d+/.exec(range)?.[0] ?? range;
  return { express: oldest(express), hono: oldest(hono), '@types/express': '4.17.25' };
}

/** The peers of all packages, with their ranges. */
function peersOf(packed: readonly Packed[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...packed.map(({ manifest }) => manifest.peerDependencies ?? {}));
}

/**
 * A project that knows nothing of the workspace: the tarballs and their peers, installed by npm, and the conformance suite,
 * which it imports them into. `versions` are packages besides, or other versions of the peers.
 */
export async function createScratch(
  folder: string,
  packed: readonly Packed[],
  versions: Readonly<Record<string, string>> = {},
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const tarballs = packed.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]);
  const dependencies = { ...Object.fromEntries(tarballs), ...peersOf(packed), ...typings, ...versions };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await run('npm', ['install', ...npmFlags], folder);

  const suite = ['main', 'worker', 'contract-worker'].map((name) => join(root, 'tools/conformance', `${name}.ts`));
  await build({
    entryPoints: suite,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    external: ['node:*', '@blue-webhooks/*', 'express', 'hono'],
    logLevel: 'error',
  });
  copyFileSync(join(root, 'examples/cloudflare-worker/src/worker.ts'), join(folder, 'example-worker.ts'));
  return folder;
}
