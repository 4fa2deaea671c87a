/**
 * `npm run check:long -- examples [NAME…]`: installs each example outside the workspace, with the packed packages, and runs its tests; runs the
 * servers for Bun and Deno there; and creates a project of each framework with `create-blue-webhook`, which must pass its own checks.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { signedDelivery } from '@blue-webhooks/testing';
import { packedRegistry } from '../docs/test/packed-registry';
import { root } from './pack';
import { bun, deno, installMatrix } from './runtimes';
import { npmFlags } from './scratch';
import { table } from './table';

const secret = 'blue-test-secret-1';
const built = /^(node_modules|dist|build|\.next|\.output|\.nitro|\.svelte-kit|\.wrangler)$/;
const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-examples-'));
const registry = await packedRegistry(readdirSync(join(root, 'packages')), join(folder, 'packed'));
const env = { ...process.env, BLUE_WEBHOOK_SECRET: secret, 'npm_config_@blue-webhooks:registry': registry.url };

/** Runs a command to its end. @throws Error with all that it printed */
async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  await promisify(execFile)(command, args, { cwd, env, maxBuffer: 2 ** 26 }).catch((error) => {
    throw new Error(`${command} ${args.join(' ')} failed:\n${error.stdout}\n${error.stderr}`);
  });
}

const catalog = Object.fromEntries(
  [...readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').matchAll(/^ {2}"?([@\w/-]+)"?: (\S+)$/gm)].map(
    ([, name, version]) => [name as string, version as string],
  ),
);

/** Copies an example without what was built, and installs what it names and what its tests need, once. */
async function install(example: string): Promise<string> {
  const project = join(folder, example);
  if (existsSync(project)) return project;
  cpSync(join(root, 'examples', example), project, {
    recursive: true,
    filter: (path) => !built.test(basename(path)),
  });
  const path = join(project, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string>>;
  for (const field of ['dependencies', 'devDependencies']) {
    manifest[field] = Object.fromEntries(
      Object.entries(manifest[field] ?? {}).map(([name, version]) => {
        if (version.startsWith('workspace:')) return [name, '*'];
        return [name, version === 'catalog:' ? (catalog[name] as string) : version];
      }),
    );
  }
  const tools = Object.entries(catalog).filter(([name]) => ['vitest', 'typescript', '@types/node'].includes(name));
  manifest.devDependencies = { ...manifest.devDependencies, ...Object.fromEntries(tools) };
  writeFileSync(path, JSON.stringify(manifest));
  await run('npm', ['install', ...npmFlags], project);
  return project;
}

/** Whether its tests use servers and emulators of the packages' own tests. `npm test` runs these. */
function needsWorkspace(example: string): boolean {
  const tests = join(root, 'examples', example, 'test');
  return readdirSync(tests).some((file) => /'(\.\.\/)+packages\//.test(readFileSync(join(tests, file), 'utf8')));
}

/** Starts a server and sends it a genuine and a forged delivery. */
async function deliverTo(command: string, args: readonly string[], cwd: string, path: string): Promise<void> {
  const port = await freePort();
  const server = spawn(
    command,
    args.map((arg) => arg.replace('PORT', String(port))),
    { cwd, env: { ...env, PORT: String(port) } },
  );
  const output: string[] = [];
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => output.push(String(chunk)));
  try {
    const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
    const url = `http://127.0.0.1:${port}${path}`;
    const answers = [await answerOf(url, { method: 'POST', headers, body }, server)];
    answers.push(await answerOf(url, { method: 'POST', headers, body: '{}' }, server));
    if (answers.join() !== '204,401') throw new Error(`It answered ${answers.join(' and ')}:\n${output.join('')}`);
    if (!output.join('').includes('New record: ')) throw new Error(`Its handler did not run:\n${output.join('')}`);
  } finally {
    server.kill('SIGKILL');
  }
}

/** The status of an answer, once the server listens. */
async function answerOf(url: string, init: RequestInit, server: ChildProcess): Promise<number | string> {
  for (let tries = 0; tries < 300 && server.exitCode === null; tries++) {
    const status = await fetch(url, init).then(
      (response) => response.status,
      () => undefined,
    );
    if (status !== undefined) return status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return 'nothing';
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Runs a file on Bun. */
async function onBun(file: string, project: string, path: string): Promise<void> {
  await installMatrix();
  const { command, args } = bun();
  await deliverTo(command, [...args, file], project, path);
}

/** Serves a file on Deno. */
async function onDeno(file: string, project: string, path: string): Promise<void> {
  await installMatrix();
  await deliverTo(deno().command, ['serve', '--allow-env', '--port', 'PORT', file], project, path);
}

/** What is tried, by name. */
const trials = new Map<string, () => Promise<void>>();
for (const example of readdirSync(join(root, 'examples'))) {
  if (!existsSync(join(root, 'examples', example, 'test')) || needsWorkspace(example)) continue;
  trials.set(example, async () => {
    const project = await install(example);
    await run('npm', ['run', '--if-present', 'build'], project);
    await run('npx', ['vitest', 'run'], project);
  });
}
trials.set('bun', async () => onBun('src/server.ts', await install('bun'), '/'));
trials.set('elysia on Bun', async () => onBun('src/main.ts', await install('elysia'), '/webhooks/blue'));
trials.set('deno', async () => onDeno('src/server.ts', await install('deno'), '/'));
trials.set('supabase on Deno', async () => {
  const project = await install('supabase');
  rmSync(join(project, 'supabase/functions/blue/deno.json')); // it names the published package
  await onDeno('supabase/functions/blue/index.ts', project, '/functions/v1/blue');
});
for (const framework of ['express', 'hono']) {
  trials.set(`npm create blue-webhook, ${framework}`, async () => {
    const project = join(folder, `created-${framework}`);
    const tarball = join(folder, 'packed/create.tgz');
    const args = ['exec', '--yes', `--package=${tarball}`, '--', 'create-blue-webhook', basename(project)];
    await run('npm', [...args, '--framework', framework], folder);
    await run('npm', ['install', ...npmFlags], project);
    await run('npm', ['run', 'lint'], project);
    await run('npm', ['test'], project);
    await run('npm', ['run', 'build'], project);
    await deliverTo(process.execPath, ['dist/main.js'], project, '/webhooks/blue');
  });
}

const only = process.argv.slice(2);
const rows = [['outside the workspace, with the packed packages', 'passes']];
try {
  for (const [name, trial] of trials) {
    if (only.length > 0 && !only.some((part) => name.includes(part))) continue;
    const error = await trial().then(() => undefined, String);
    rows.push([name, error ? 'no' : 'yes']);
    if (!error) continue;
    console.error(`${name}: ${error}`);
    process.exitCode = 1;
  }
  console.log(table(rows));
} finally {
  registry.close();
  rmSync(folder, { recursive: true, force: true });
}
