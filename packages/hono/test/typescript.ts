import { resolve } from 'node:path';
import ts from 'typescript';

const base = resolve(import.meta.dirname, '../../../tsconfig.base.json');

/** What the compiler says to a file, with some packages exchanged for others. */
export function complaints(file: string, paths: Record<string, string[]>): string[] {
  const { config } = ts.readConfigFile(base, ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, paths, typeRoots: [resolve(base, '../node_modules/@types')] },
    resolve(base, '..'),
  );
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([file], options));
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
