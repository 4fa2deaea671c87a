/** Type-checks every ts, tsx and js block of the documentation. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '..');
const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && !path.includes('/vectors/') && !path.endsWith('.api.md'));

// Each block is a separate module in a folder where the published names resolve as they do for a user.
const blocks = new Map<string, { text: string; path: string; line: number }>();
for (const path of documents) {
  const lines = readFileSync(resolve(root, path), 'utf8').split('\n');
  for (const [at, fence] of lines.entries()) {
    const language = /^\s*```\s*(ts|tsx|js|jsx|typescript|javascript)\b/.exec(fence)?.[1];
    if (!language) continue;
    const length = lines.slice(at + 1).findIndex((line) => /^\s*```\s*$/.test(line));
    if (length === -1) throw new Error(`${path}:${at + 1}: this block is not closed.`);
    const text = `${lines.slice(at + 1, at + 1 + length).join('\n')}\nexport {};\n`;
    const extension = { typescript: 'ts', javascript: 'js' }[language] ?? language;
    // Code of an example is placed where the example's imports resolve.
    const source = /^<!-- code: (\S+)\/[^/]+ -->$/.exec(lines[at - 2] ?? '')?.[1] ?? 'examples/demo';
    const file = resolve(root, `${source}/snippet-${blocks.size}.${extension}`);
    blocks.set(file, { text, path, line: at + 1 });
  }
}
if (blocks.size === 0) throw new Error('No snippets found: the check searches the wrong folder.');

const { config } = ts.readConfigFile(resolve(root, 'tsconfig.base.json'), ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson(
  { ...config.compilerOptions, allowJs: true, checkJs: true, noUnusedLocals: false, noUnusedParameters: false },
  root,
);
const host = ts.createCompilerHost(options);
const { fileExists, readFile } = host;
host.fileExists = (path) => blocks.has(path) || fileExists(path);
host.readFile = (path) => blocks.get(path)?.text ?? readFile(path);

const program = ts.createProgram([...blocks.keys()], options, host);
let wrong = 0;
for (const [file, { path, line }] of blocks) {
  const source = program.getSourceFile(file);
  if (!source) throw new Error(`${path}:${line}: the compiler did not read this block.`);
  // Only the blocks: the packages have their own check.
  for (const { start = 0, messageText } of [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ]) {
    wrong += 1;
    const at = line + 1 + source.getLineAndCharacterOfPosition(start).line;
    console.error(`${path}:${at}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  }
}
if (wrong === 0) console.log(`${blocks.size} snippets of ${documents.length} documents compile.`);
else process.exitCode = 1;
