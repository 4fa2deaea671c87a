/** Tests what is published: packs every package, lints the tarballs, installs them elsewhere, and uses them from there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, workspaceCompiler } from './compilers';
import { entriesOf, type Packed, packAll, root, run } from './pack';
import { workspaceRuntimes } from './runtimes';
import { createScratch, npmFlags } from './scratch';
import { tarballProblems } from './tarball-problems';
import { conformOn, report } from './trial';

const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-'));

/** One after the other: each of them is a compiler at work. */
async function lint(packed: readonly Packed[]): Promise<void> {
  for (const { tarball } of packed) {
    await run('publint', ['run', '--strict', tarball], root);
    await run('attw', [tarball, '--profile', 'strict', '--no-emoji', '--format', 'ascii'], root);
  }
}

const esm = `
import { createRequire } from 'node:module';
import { createReceiver, verify, WebhookError } from '@blue-webhooks/core';
import { sign, verifySignature } from '@blue-webhooks/core/verify';
import { samples, sampleSecret as secret } from '@blue-webhooks/testing';
const required = createRequire(import.meta.url)('@blue-webhooks/core');
const check = (holds, claim) => { if (!holds) throw new Error('Not true: ' + claim); };
check(Object.keys(samples).length === 5, 'there are five samples');
for (const { body, signature, event } of Object.values(samples)) {
  for (const copy of [verify, required.verify]) {
    check((await copy({ body, signature, secret })).event.event === event, 'a published delivery is typed');
    const error = await copy({ body: body + ' ', signature, secret }).catch((thrown) => thrown);
    check(WebhookError.is(error) && required.WebhookError.is(error), 'both copies recognise an error of either');
    check(error.code === 'SIGNATURE_MISMATCH', 'a forgery is refused');
  }
  check(await verifySignature({ body, signature, secret }) && await sign(body, secret) === signature, 'the verify subpath agrees');
}
check(required.WebhookError !== WebhookError, 'these are two copies');
for (const name of ['express', 'hono', 'aws-lambda']) {
  const { blueWebhook } = await import('@blue-webhooks/' + name);
  check(typeof blueWebhook(createReceiver({ secret })) === 'function', name + ' takes a receiver');
}
`;

const cjs = `
const { createReceiver } = require('@blue-webhooks/core');
for (const name of ['express', 'hono', 'aws-lambda']) require('@blue-webhooks/' + name).blueWebhook(createReceiver({ secret: 'x' }));
require('@blue-webhooks/core/verify').sign('', 'x');
`;

/** Loads every entry as ESM and as CommonJS, with both copies of core in one process. */
async function load(packed: readonly Packed[], scratch: string): Promise<void> {
  const entries = packed.flatMap(({ manifest }) => entriesOf(manifest)).map((entry) => JSON.stringify(entry));
  writeFileSync(join(scratch, 'esm.mjs'), `${entries.map((entry) => `import ${entry};`).join('\n')}\n${esm}`);
  writeFileSync(join(scratch, 'cjs.cjs'), `${entries.map((entry) => `require(${entry});`).join('\n')}\n${cjs}`);
  await run(process.execPath, ['esm.mjs'], scratch);
  await run(process.execPath, ['--conditions=browser', 'esm.mjs'], scratch); // the Web Crypto build
  await run(process.execPath, ['cjs.cjs'], scratch);
}

/** Installs the program with the tarballs that it depends on and nothing else, and runs it. */
async function runProgram(packed: readonly Packed[], scratch: string): Promise<void> {
  const program = packed.find(({ manifest }) => manifest.bin);
  if (!program) throw new Error('No package has a program.');
  const needed = new Set([program]);
  for (const { manifest } of needed) {
    for (const other of packed) if (Object.hasOwn(manifest.dependencies ?? {}, other.manifest.name)) needed.add(other);
  }
  mkdirSync(scratch);
  writeFileSync(join(scratch, 'package.json'), '{ "private": true }');
  writeFileSync(join(scratch, 'body.json'), '{"event":"TAG_CREATED"}');
  writeFileSync(join(scratch, 'secret.txt'), 'a secret\n');
  await run('npm', ['install', ...npmFlags, ...[...needed].map(({ tarball }) => tarball)], scratch);
  const name = Object.keys(program.manifest.bin ?? {})[0] as string;
  const blue = (...args: string[]) => run(join(scratch, 'node_modules/.bin', name), args, scratch);
  const signature = (await blue('sign', 'body.json', '--secret-file', 'secret.txt')).trim().split(' ')[1] as string;
  await blue('verify', 'body.json', '--secret-file', 'secret.txt', '--signature', signature);
  await blue('listen', '--demo', '--once', '--port', '0', '--inspect-port', '0', '--db', 'blue.db');
  const counts = JSON.parse(await blue('inbox', 'stats', '--db', 'blue.db', '--json')) as Record<string, number>;
  if (!counts.done) throw new Error(`The installed program has kept nothing: ${JSON.stringify(counts)}`);
}

try {
  const packed = await packAll(join(folder, 'tarballs'));
  const problems = packed.flatMap(tarballProblems);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const linted = lint(packed);
  const ran = runProgram(packed, join(folder, 'program'));
  for (const under of [linted, ran]) under.catch(() => {}); // awaited below
  const scratch = await createScratch(join(folder, 'user'), packed);
  await load(packed, scratch);
  const trials = await Promise.all(workspaceRuntimes.map((runtime) => conformOn(runtime, scratch)));
  // The other resolutions are compiled by check-runtimes.ts; here attw resolves every entry under each of them.
  await compile(workspaceCompiler(), 'node16', scratch);
  await Promise.all([linted, ran]);
  report(trials);
  console.log(
    `${packed.length} packages are complete, install elsewhere, load as ESM and CommonJS, and compile without skipLibCheck.`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
