/** Checks the size of the packages, minified and gzipped, and the time to load `core/verify`, against budgets. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import ts from 'typescript';
import { table } from './table';

const root = resolve(import.meta.dirname, '..');
const dist = (path: string) => join(root, 'packages', path);
const core = dist('core/dist/index.js');
const verify = dist('core/dist/verify.js');

interface Budget {
  readonly what: string;
  readonly from: string;
  readonly names: string;
  readonly maxBytes: number;
}

/** Imports and the maximum size of their bundle. Adapters are measured without core, which they share. */
const budgets: readonly Budget[] = [
  { what: 'core/verify', from: verify, names: '*', maxBytes: 1_850 },
  { what: 'core', from: core, names: '*', maxBytes: 19_400 },
  { what: 'core, `sign` alone', from: core, names: '{ sign }', maxBytes: 1_650 },
  { what: 'core, `WebhookError` alone', from: core, names: '{ WebhookError }', maxBytes: 2_500 },
  { what: 'core/redis-ledger', from: dist('core/dist/redis-ledger.js'), names: '*', maxBytes: 2_150 },
  { what: 'express', from: dist('express/dist/index.js'), names: '*', maxBytes: 1_500 },
  { what: 'hono', from: dist('hono/dist/index.js'), names: '*', maxBytes: 1_500 },
  { what: 'aws-lambda', from: dist('aws-lambda/dist/index.js'), names: '*', maxBytes: 1_500 },
  { what: 'inbox/dashboard', from: dist('inbox/dist/dashboard.js'), names: '*', maxBytes: 17_000 },
  { what: 'inbox/durable-object', from: dist('inbox/dist/durable-object.js'), names: '*', maxBytes: 25_500 },
  { what: 'queue', from: dist('queue/dist/index.js'), names: '*', maxBytes: 4_800 },
  { what: 'queue/cloudflare', from: dist('queue/dist/cloudflare.js'), names: '*', maxBytes: 5_200 },
  { what: 'queue/sqs', from: dist('queue/dist/sqs.js'), names: '*', maxBytes: 6_000 },
];

/** Each import is bundled for Node and for runtimes with Web Crypto alone. */
const builds = [
  { on: 'Node', conditions: ['node', 'import'] },
  { on: 'the web', conditions: ['workerd', 'browser', 'import'] },
] as const;

const missingOnTheWeb = new Set(['Buffer', 'process', 'global', 'require', 'setImmediate', 'eval', 'Function']);

/** Returns the names in a bundle that do not exist on the web, or that a content security policy forbids. */
function nodeOnly(text: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isStringLiteral(node) && node.text.startsWith('node:')) found.push(node.text);
    const isName = ts.isIdentifier(node) && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node);
    if (isName && missingOnTheWeb.has(node.text)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('bundle.js', text, ts.ScriptTarget.ES2022, true));
  return found;
}

async function bundle({ from, names }: Budget, conditions: readonly string[]): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: `export ${names} from ${JSON.stringify(from)};`, resolveDir: root },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    conditions: [...conditions],
    external: ['node:*', '@blue-webhooks/core', 'hono', 'hono/*', 'express'],
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

/** The shortest hand-written verification: the baseline for loading `core/verify`. */
const byHand = `
import { createHmac, timingSafeEqual } from 'node:crypto';
const isSignature = /^[0-9a-f]{64}$/;
export function sign(body, secret) {
  return createHmac('sha256', secret).update(body).digest('hex');
}
export function verifySignature({ body, signature, secret }) {
  if (!isSignature.test(signature)) return false;
  return timingSafeEqual(Buffer.from(sign(body, secret)), Buffer.from(signature));
}
const body = '{}';
const signature = sign(body, 'a secret');
if (!verifySignature({ body, signature, secret: 'a secret' })) throw new Error('It rejects its own signature.');
`;
const MAX_START_RATIO = 1.25;
const ROUNDS = 15;

const byLibrary = (path: string) => `
import { sign, verifySignature } from ${JSON.stringify(pathToFileURL(path).href)};
const body = '{}';
const signature = await sign(body, 'a secret');
if (!(await verifySignature({ body, signature, secret: 'a secret' }))) throw new Error('It rejects its own signature.');
`;

/** Returns the shortest of several interleaved starts of each script, in milliseconds. */
function startUp(scripts: readonly string[]): number[] {
  const quickest = scripts.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [place, script] of scripts.entries()) {
      const startedAt = performance.now();
      execFileSync(process.execPath, [script]);
      quickest[place] = Math.min(quickest[place] as number, performance.now() - startedAt);
    }
  }
  return quickest;
}

const problems: string[] = [];
const rows: string[][] = [['bundle, minified and gzipped', 'Node', 'web', 'budget']];
for (const budget of budgets) {
  const { what, from, maxBytes } = budget;
  const weights: string[] = [];
  for (const { on, conditions } of builds) {
    const text = await bundle(budget, conditions);
    const bytes = gzipSync(text, { level: 9 }).length;
    weights.push(`${bytes} B`);
    if (bytes > maxBytes) problems.push(`${what} on ${on} has ${bytes} B: the maximum is ${maxBytes}.`);
    if (on === 'the web' && from.startsWith(dist('core'))) {
      for (const name of nodeOnly(text)) problems.push(`${what} uses ${name}, which ${on} does not have.`);
    }
    if (on === 'the web' && what === 'inbox/durable-object' && /(?:from|import)\(?"node:/.test(text)) {
      problems.push(`${what} imports a module of Node's, which workerd does not have without a flag.`);
    }
  }
  rows.push([what, ...weights, `${maxBytes} B`]);
}
console.log(table(rows));

const scratch = mkdtempSync(join(tmpdir(), 'blue-webhooks-size-'));
try {
  const texts = { byHand, verify: byLibrary(verify), core: byLibrary(core) };
  const scripts = Object.entries(texts).map(([name, text]) => {
    const script = join(scratch, `${name}.mjs`);
    writeFileSync(script, text);
    return script;
  });
  let [floor = 0, ofVerify = 0, ofCore = 0] = startUp(scripts);
  // Other load can make a measurement too high, never too low: it is repeated up to twice.
  for (let again = 0; again < 2 && ofVerify / floor > MAX_START_RATIO; again++) {
    [floor = 0, ofVerify = 0, ofCore = 0] = startUp(scripts);
  }
  const times = (ms: number) => [`${ms.toFixed(1)} ms`, `${(ms / floor).toFixed(2)}×`];
  const starts = [
    ['the start of a process that verifies', 'quickest', 'ratio', 'budget'],
    ['node:crypto in 12 lines', ...times(floor), ''],
    ['core/verify', ...times(ofVerify), `${MAX_START_RATIO.toFixed(2)}×`],
    ['core', ...times(ofCore), ''],
  ];
  console.log(`\n${table(starts)}`);
  if (ofVerify / floor > MAX_START_RATIO) {
    problems.push(`core/verify takes ${(ofVerify / floor).toFixed(2)} times as long to start.`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
