import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { makeHostileTokens } from './conformance/hostile-tokens';
import { type Packed, root, run } from './pack';

export const npmFlags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];

/** The type packages of a TypeScript project. */
const typings = { '@types/express': '5.0.6', '@types/node': '20.19.43' };

/** Frameworks and their versions, by package. */
export interface Frameworks {
  readonly express: string;
  readonly hono: string;
  readonly '@types/express': string;
}

/** Returns the oldest supported version of each major of Express, with its types and the oldest supported Hono. */
export function oldestFrameworks(packed: readonly Packed[]): Frameworks[] {
  const { express = '', hono = '' } = peersOf(packed);
  const oldest = (range: string) => /\d+\.\d+\.\d+/.exec(range)?.[0] ?? range;
  return express.split('||').map((major) => ({
    express: oldest(major),
    hono: oldest(hono),
    '@types/express': oldest(major).startsWith('4') ? '4.17.25' : typings['@types/express'],
  }));
}

/** Returns the peer dependencies of all packages. */
function peersOf(packed: readonly Packed[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...packed.map(({ manifest }) => manifest.peerDependencies ?? {}));
}

/**
 * Creates a project outside the workspace: npm installs the tarballs and their peers, and the conformance suite imports them.
 * `versions` are additional packages, or other versions of the peers.
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

  const suite = ['main', 'inbox', 'worker', 'contract-worker'].map((name) =>
    join(root, 'tools/conformance', `${name}.ts`),
  );
  await build({
    entryPoints: suite,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    define: { HOSTILE_TOKENS: JSON.stringify(makeHostileTokens()) },
    external: ['node:*', '@blue-webhooks/*', 'express', 'hono', 'jose'],
    logLevel: 'error',
  });
  copyFileSync(join(root, 'examples/cloudflare-worker/src/worker.ts'), join(folder, 'example-worker.ts'));
  return folder;
}
