/** Tests what is published: packs every package, lints the tarballs, installs them elsewhere, and uses them from there. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

interface Packed {
  readonly tarball: string;
  readonly manifest: Manifest;
}

const root = resolve(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'blue-webhooks-'));

/** Runs a command; where it fails, with all that it said. */
function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((done, fail) => {
    execFile(command, args, { cwd, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      error ? fail(new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`)) : done(stdout),
    );
  });
}

const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];

const readManifest = (text: string) => JSON.parse(text) as Manifest;

/** Packs a package as it is published, and looks into the tarball. */
async function pack(folder: string): Promise<Packed> {
  const destination = mkdtempSync(join(scratch, 'tarball-'));
  await run('pnpm', ['pack', '--pack-destination', destination], folder);
  const [file = ''] = readdirSync(destination);
  const tarball = join(destination, file);
  const listed = (await run('tar', ['-tzf', tarball], root)).split('\n');
  const stray = listed.find((path) => /\/(test|node_modules)\//.test(path));
  if (stray) throw new Error(`${file} holds more than it should: ${stray}`);
  const text = await run('tar', ['-xzOf', tarball, 'package/package.json'], root);
  if (/"(workspace|catalog):/.test(text)) throw new Error(`${file} names versions that only the workspace knows.`);
  return { tarball, manifest: readManifest(text) };
}

/** One after the other: each of them is a compiler at work. */
async function lint(tarballs: readonly string[]): Promise<void> {
  for (const tarball of tarballs) {
    await run('publint', ['run', '--strict', tarball], root);
    // Without node10, the resolution that does not know subpaths; every one that does must be right.
    await run('attw', [tarball, '--profile', 'node16', '--no-emoji', '--format', 'ascii'], root);
  }
}

const esm = `
import { createRequire } from 'node:module';
import { createReceiver, verify, WebhookError } from '@blue-webhooks/core';
import { sign, verifySignature } from '@blue-webhooks/core/verify';
import { samples, sampleSecret as secret } from '@blue-webhooks/testing';
const required = createRequire(import.meta.url)('@blue-webhooks/core');
const check = (holds, claim) => { if (!holds) throw new Error('It does not hold that ' + claim); };
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

/** Installs the tarballs where no workspace helps them, and uses them as ESM, as CommonJS and on Web Crypto. */
async function use(packed: readonly Packed[]): Promise<void> {
  const user = join(scratch, 'user');
  mkdirSync(user);
  writeFileSync(join(user, 'package.json'), '{ "private": true }');
  const tarballs = packed.map(({ tarball }) => tarball);
  // npm installs the peers (Express, Hono) by itself, but for optional ones.
  const optional = packed.flatMap(({ manifest: { peerDependencies, peerDependenciesMeta } }) =>
    Object.entries(peerDependencies ?? {})
      .filter(([name]) => peerDependenciesMeta?.[name]?.optional)
      .map(([name, range]) => `${name}@${range}`),
  );
  await run('npm', ['install', ...flags, ...tarballs, ...optional], user);
  const entries = packed.flatMap(({ manifest }) =>
    Object.keys(manifest.exports ?? {}).map((subpath) => JSON.stringify(`${manifest.name}${subpath.slice(1)}`)),
  );
  const loadable = entries.filter((entry) => !entry.endsWith('/package.json"'));
  writeFileSync(join(user, 'esm.mjs'), `${loadable.map((entry) => `import ${entry};`).join('\n')}\n${esm}`);
  writeFileSync(join(user, 'cjs.cjs'), `${loadable.map((entry) => `require(${entry});`).join('\n')}\n${cjs}`);
  await run(process.execPath, ['esm.mjs'], user);
  await run(process.execPath, ['--conditions=browser', 'esm.mjs'], user); // the Web Crypto build
  await run(process.execPath, ['cjs.cjs'], user);
}

/** Installs the program with the tarballs that it depends on and nothing else, and runs it. */
async function runProgram(packed: readonly Packed[]): Promise<void> {
  const program = packed.find(({ manifest }) => manifest.bin);
  if (!program) throw new Error('No package has a program.');
  const needed = new Set([program]);
  for (const { manifest } of needed) {
    for (const other of packed) if (Object.hasOwn(manifest.dependencies ?? {}, other.manifest.name)) needed.add(other);
  }
  const user = join(scratch, 'program');
  mkdirSync(user);
  writeFileSync(join(user, 'package.json'), '{ "private": true }');
  writeFileSync(join(user, 'body.json'), '{"event":"TAG_CREATED"}');
  writeFileSync(join(user, 'secret.txt'), 'a secret\n');
  await run('npm', ['install', ...flags, ...[...needed].map(({ tarball }) => tarball)], user);
  const name = Object.keys(program.manifest.bin ?? {})[0] as string;
  const blue = (...args: string[]) => run(join(user, 'node_modules/.bin', name), args, user);
  const signature = (await blue('sign', 'body.json', '--secret-file', 'secret.txt')).trim().split(' ')[1] as string;
  await blue('verify', 'body.json', '--secret-file', 'secret.txt', '--signature', signature);
  await blue('listen', '--demo', '--once', '--port', '0', '--inspect-port', '0', '--db', 'blue.db');
  const counts = JSON.parse(await blue('inbox', 'stats', '--db', 'blue.db', '--json')) as Record<string, number>;
  if (!counts.done) throw new Error(`The installed program has kept nothing: ${JSON.stringify(counts)}`);
}

try {
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
  const published = folders.filter(
    (folder) => !readManifest(readFileSync(join(folder, 'package.json'), 'utf8')).private,
  );
  const packed = await Promise.all(published.map(pack));
  await Promise.all([use(packed), runProgram(packed), lint(packed.map(({ tarball }) => tarball))]);
  console.log(
    `${packed.length} packages are packed right, install elsewhere, and work as ESM, as CommonJS and on Web Crypto.`,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
