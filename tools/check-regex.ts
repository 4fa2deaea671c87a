/**
 * Checks that every regular expression of the packages' sources matches in linear time, whatever the text: with `recheck`, in
 * plain JavaScript. An expression that is vulnerable, or that cannot be judged, fails.
 */
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import process from 'node:process';
import ts from 'typescript';

process.env.RECHECK_BACKEND = 'pure'; // before the import: neither a JVM nor a native program
const { checkSync } = await import('recheck');

const root = resolve(import.meta.dirname, '..');
const TIMEOUT_MS = 20_000;

interface Expression {
  readonly place: string;
  /** `undefined` where the source is computed. */
  readonly source: string | undefined;
  readonly flags: string;
}

function expressionsIn(path: string): readonly Expression[] {
  const file = relative(root, path);
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true);
  const found: Expression[] = [];
  const add = (node: ts.Node, text: string | undefined, flags: string) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    found.push({ place: `${file}:${line + 1}`, source: text, flags });
  };
  const visit = (node: ts.Node) => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      add(node, node.text.slice(1, end), node.text.slice(end + 1));
    } else if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && isRegExp(node.expression)) {
      const [pattern, flags] = node.arguments ?? [];
      const isConstant = pattern && ts.isStringLiteralLike(pattern) && (!flags || ts.isStringLiteralLike(flags));
      if (!pattern || !ts.isRegularExpressionLiteral(pattern)) {
        add(node, isConstant ? pattern.text : undefined, flags && ts.isStringLiteralLike(flags) ? flags.text : '');
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `RegExp`, also as `globalThis.RegExp`. */
const isRegExp = (node: ts.Expression): boolean =>
  (ts.isIdentifier(node) && node.text === 'RegExp') ||
  (ts.isPropertyAccessExpression(node) && node.name.text === 'RegExp');

const files = ts.sys.readDirectory(
  join(root, 'packages'),
  ['.ts', '.tsx', '.js', '.mjs'],
  ['**/node_modules'],
  ['*/src/**/*'],
);
const expressions = files.flatMap(expressionsIn);
const problems: string[] = [];
const verdicts = new Map<string, string>();

for (const { place, source, flags } of expressions) {
  const text = source === undefined ? 'a computed expression' : `/${source}/${flags}`;
  if (source === undefined) problems.push(`${place}: ${text} cannot be checked: write a literal.`);
  else {
    const verdict = verdicts.get(text) ?? verdictOf(source, flags);
    verdicts.set(text, verdict);
    if (verdict !== 'safe') problems.push(`${place}: ${text} is ${verdict}: scan the text by hand, or bound it.`);
  }
}
if (expressions.length === 0) problems.push('No regular expression was found in packages/*/src.');

/** `safe`, or what else `recheck` says of it, with its growth. */
function verdictOf(source: string, flags: string): string {
  if (isWithoutChoice(source)) return 'safe';
  const result = checkSync(source, flags, { timeout: TIMEOUT_MS });
  if (result.status === 'safe') return result.status;
  return `${result.status} (${result.status === 'vulnerable' ? result.complexity.summary : result.error.kind})`;
}

/** Whether nothing is repeated a varying number of times and there are no alternatives, so that there is nothing to backtrack into. */
function isWithoutChoice(source: string): boolean {
  const withoutClasses = source.replace(/\\./gs, 'x').replace(/\[[^\]]*\]/g, 'x');
  return !/[*+?|]|\{\d*,/.test(withoutClasses);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${expressions.length} regular expressions in ${files.length} files match in linear time.`);
