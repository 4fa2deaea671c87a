import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Options } from 'tsup';

type Plugin = NonNullable<Options['plugins']>[number];

interface SourceMap {
  file?: string;
  sources: string[];
  sourcesContent?: (string | null)[];
}

/**
 * Completes the source maps of CommonJS files, which contain an absolute path of this machine and no sources: the published
 * packages contain neither.
 */
const portableSourceMaps: Plugin = {
  name: 'portable-source-maps',
  async buildEnd({ writtenFiles }) {
    for (const { name } of writtenFiles.filter((file) => file.name.endsWith('.cjs.map'))) {
      const folder = dirname(resolve(name));
      const map = JSON.parse(await readFile(name, 'utf8')) as SourceMap;
      const files = map.sources.map((source) => resolve(folder, source));
      const compiled = resolve(folder, basename(name, '.map'));
      map.file = basename(compiled);
      map.sources = files.map((file) => relative(folder, file).replaceAll('\\', '/'));
      map.sourcesContent = await Promise.all(files.map((file) => (file === compiled ? null : readFile(file, 'utf8'))));
      await writeFile(name, JSON.stringify(map));
    }
  },
};

/**
 * Where `npm run build` has TypeScript write the declarations of all packages, in one program. To bundle these takes a tenth of the
 * time that each package takes to have its own compiled.
 */
const declarations = resolve(import.meta.dirname, '../../dist/declarations');

function declarationOf(source: string): string {
  return join(declarations, basename(process.cwd()), source.replace(/\.ts$/, '.d.ts'));
}

/**
 * Returns how every published package is built: ESM and CommonJS side by side, each with its own declarations.
 * `inner` are files that package.json's `imports` chooses from; nobody imports them by name, so they need no declarations.
 */
export function library(entry: Record<string, string>, inner: Record<string, string> = {}): Options {
  return {
    entry: { ...entry, ...inner },
    format: ['esm', 'cjs'],
    target: 'es2022',
    platform: 'neutral',
    dts: { entry: Object.fromEntries(Object.entries(entry).map(([name, source]) => [name, declarationOf(source)])) },
    external: [/^node:/, /^#/],
    clean: true,
    silent: true, // but for errors
    sourcemap: true,
    splitting: true,
    treeshake: false,
    removeNodeProtocol: false,
    outExtension: ({ format }) => ({ js: format === 'cjs' ? '.cjs' : '.js' }),
    plugins: [portableSourceMaps],
  };
}
