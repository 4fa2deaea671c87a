import { copyFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root, run } from './pack';

const require = createRequire(import.meta.url);

/** TypeScript, one version of it. */
export interface Compiler {
  readonly version: string;
  readonly tsc: string;
}

function compilerAt(manifest: string): Compiler {
  const { version, bin } = require(manifest) as { version: string; bin: { tsc: string } };
  return { version, tsc: join(dirname(manifest), bin.tsc) };
}

/** The workspace's own. */
export const workspaceCompiler = (): Compiler => compilerAt(require.resolve('typescript/package.json'));

/** Those of the matrix, from the oldest to the newest. */
export const matrixCompilers = (): Compiler[] =>
  ['5.4', '5.5', '5.6', '5.7', '5.8', '6.0', '7.0'].map((name) =>
    compilerAt(join(root, 'tools/matrix/node_modules', `typescript${name}`, 'package.json')),
  );

/** What users write. */
const sources = ['user', 'subpaths', 'options'];
const filesAs = (...extensions: readonly string[]) =>
  sources.flatMap((name) => extensions.map((extension) => ({ name, file: `${name}.${extension}` })));

const resolutions = {
  node16: { files: filesAs('mts', 'cts'), options: { module: 'node16', moduleResolution: 'node16' } },
  bundler: { files: filesAs('ts'), options: { module: 'esnext', moduleResolution: 'bundler' } },
  // Ignores `exports` and finds subpaths by `typesVersions`. Deprecated in TypeScript 6 and removed in 7.
  node10: { files: filesAs('ts'), options: { module: 'commonjs', moduleResolution: 'node10' } },
} as const;

export type Resolution = keyof typeof resolutions;

export const resolutionsOf = ({ version }: Compiler): Resolution[] =>
  Number.parseInt(version, 10) < 6 ? ['node16', 'bundler', 'node10'] : ['node16', 'bundler'];

/**
 * Compiles what a user writes, and with it every declaration that it reaches.
 * @throws Error with what the compiler said
 */
export async function compile({ tsc, version }: Compiler, resolution: Resolution, scratch: string): Promise<void> {
  const { files, options } = resolutions[resolution];
  for (const { name, file } of files) copyFileSync(join(root, `tools/conformance/${name}.ts`), join(scratch, file));
  const compilerOptions = {
    ...options,
    target: 'es2022',
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    esModuleInterop: true,
    skipLibCheck: false,
    noEmit: true,
  };
  const project = join(scratch, `tsconfig.${version}.${resolution}.json`);
  writeFileSync(project, JSON.stringify({ compilerOptions, files: files.map(({ file }) => file) }));
  await run(process.execPath, [tsc, '--project', project], scratch);
}
