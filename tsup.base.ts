import type { Options } from 'tsup';

/**
 * How every published package is built: ESM and CommonJS side by side, each with its own declarations.
 * `inner` are files that package.json's `imports` chooses from; nobody imports them by name, so they need no declarations.
 */
export function library(entry: Record<string, string>, inner: Record<string, string> = {}): Options {
  return {
    entry: { ...entry, ...inner },
    format: ['esm', 'cjs'],
    target: 'es2022',
    platform: 'neutral',
    dts: { entry },
    external: [/^node:/, /^#/],
    clean: true,
    silent: true, // but for errors
    sourcemap: true,
    splitting: true,
    treeshake: false,
    removeNodeProtocol: false,
    outExtension: ({ format }) => ({ js: format === 'cjs' ? '.cjs' : '.js' }),
  };
}
