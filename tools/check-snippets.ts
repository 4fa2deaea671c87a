/** Type-checks every ts block of the documentation, so that no reader copies a line that does not compile. */
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
  .filter((path) => path !== '' && !path.includes('/vectors/'));

// Each block is a module of its own, placed where the published names resolve as they do for a user.
const blocks = new Map<string, { text: string; from: string }>();
for (const path of documents) {
  const lines = readFileSync(resolve(root, path), 'utf8').split('\n');
  for (const [at, line] of lines.entries()) {
    if (!/^```tsx?$/.test(line)) continue;
    const end = lines.indexOf('```', at);
    const text = `${lines.slice(at + 1, end).join('\n')}\nexport {};\n`;
    blocks.set(resolve(root, `examples/demo/snippet-${blocks.size}.ts`), { text, from: `${path}:${at + 1}` });
  }
}

const { config } = ts.readConfigFile(resolve(root, 'tsconfig.base.json'), ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson(
  { ...config.compilerOptions, noUnusedLocals: false, noUnusedParameters: false },
  root,
);
const host = ts.createCompilerHost(options);
const { fileExists, readFile } = host;
host.fileExists = (path) => blocks.has(path) || fileExists(path);
host.readFile = (path) => blocks.get(path)?.text ?? readFile(path);

const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([...blocks.keys()], options, host));
for (const { file, start, messageText } of diagnostics) {
  const block = file && blocks.get(file.fileName);
  const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
  console.error(
    `${block ? `${block.from}, line ${line} of the block` : file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
}
if (blocks.size === 0) throw new Error('No snippets found: the check looks in the wrong place.');
console.log(
  `${blocks.size} snippets of ${documents.length} documents compile: ${diagnostics.length === 0 ? 'yes' : 'no'}`,
);
process.exitCode = diagnostics.length === 0 ? 0 : 1;
