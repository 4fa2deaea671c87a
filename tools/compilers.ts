import { copyFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root, run } from './pack';

const require = createRequire(import.meta.url);

/** One version of TypeScript. */
export interface Compiler {
  readonly version: string;
  readonly tsc: string;
}

function compilerAt(manifest: string): Compiler {
  const { version, bin } = require(manifest) as { version: string; bin: { tsc: string } };
  return { version, tsc: join(dirname(manifest), bin.tsc) };
}

/** Returns the workspace's compiler. */
export const workspaceCompiler = (): Compiler => compilerAt(require.resolve('typescript/package.json'));

/** Returns the compilers of the matrix, oldest first. */
export const matrixCompilers = (): Compiler[] =>
  ['5.4', '5.5', '5.6', '5.7', '5.8', '6.0', '7.0'].map((name) =>
    compilerAt(join(root, 'tools/matrix/node_modules', `typescript${name}`, 'package.json')),
  );

const resolutions = {
  node16: { files: ['user.mts', 'user.cts'], options: { module: 'node16', moduleResolution: 'node16' } },
  bundler: { files: ['user.ts'], options: { module: 'esnext', moduleResolution: 'bundler' } },
  // Does not support `exports`: it resolves only root entries. TypeScript 6 deprecates it, 7 has removed it.
  node10: { files: ['user.ts'], options: { module: 'commonjs', moduleResolution: 'node10' } },
} as const;

export type Resolution = keyof typeof resolutions;

export const resolutionsOf = ({ version }: Compiler): Resolution[] =>
  Number.parseInt(version, 10) < 6 ? ['node16', 'bundler', 'node10'] : ['node16', 'bundler'];

/**
 * Compiles a user's code with every declaration that it imports.
 * @throws Error with the compiler's output
 */
export async function compile({ tsc, version }: Compiler, resolution: Resolution, scratch: string): Promise<void> {
  const { files, options } = resolutions[resolution];
  for (const file of files) copyFileSync(join(root, 'tools/conformance/user.ts'), join(scratch, file));
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
  writeFileSync(project, JSON.stringify({ compilerOptions, files }));
  await run(process.execPath, [tsc, '--project', project], scratch);
}
