/**
 * `npm run build`: builds the packages and examples whose sources have changed since their last build, in the order of their
 * dependencies and two at a time. `--force` builds all of them. Plain Node, so that an unchanged clone is ready quickly.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import process from 'node:process';

const root = resolve(import.meta.dirname, '..');
const cache = join(root, 'node_modules/.cache/build');
const force = process.argv.includes('--force');
const AT_ONCE = 2;

/** Files that every build depends on. */
const shared = [
  'pnpm-lock.yaml',
  'tools/config/tsup.ts',
  'tools/config/tsconfig.declarations.json',
  'tsconfig.base.json',
];
const notSources = /^(node_modules|dist|test|api|next-env\.d\.ts|\..*|.*\.md)$/;

/** The workspaces by name. */
const workspaces = new Map();
for (const group of ['packages', 'examples']) {
  for (const name of readdirSync(join(root, group))) {
    const folder = join(root, group, name);
    if (!existsSync(join(folder, 'package.json'))) continue;
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const dependencies = { ...manifest.dependencies, ...manifest.devDependencies };
    const ours = Object.keys(dependencies).filter((dependency) => dependencies[dependency].startsWith('workspace:'));
    const output = manifest.scripts?.build?.startsWith('next ') ? '.next/server' : 'dist';
    workspaces.set(manifest.name, { name: manifest.name, folder, ours, output, script: manifest.scripts?.build });
  }
}

const fingerprints = new Map();

/** Returns a hash of everything that a build depends on: its sources, its dependencies, and the shared files. */
function inputsOf(name) {
  const known = fingerprints.get(name);
  if (known) return known;
  const { folder, ours } = workspaces.get(name);
  const hash = createHash('sha256');
  for (const file of shared) hash.update(readFileSync(join(root, file)));
  for (const dependency of ours) hash.update(`${dependency} ${inputsOf(dependency)}\n`);
  addFiles(hash, folder, (entry) => !notSources.test(entry));
  fingerprints.set(name, hash.digest('hex'));
  return fingerprints.get(name);
}

function outputsOf({ folder, output }) {
  const path = join(folder, output);
  if (!existsSync(path)) return 'missing';
  const hash = createHash('sha256');
  addFiles(hash, path, () => true);
  return hash.digest('hex');
}

function addFiles(hash, folder, isIncluded) {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => isIncluded(name));
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    hash.update(`${entry.name}\n`);
    if (entry.isDirectory()) addFiles(hash, path, isIncluded);
    else if (entry.isFile()) hash.update(readFileSync(path));
  }
}

const stampOf = ({ name }) => join(cache, `${name.replaceAll(/\W/g, '-')}.json`);
const stateOf = (workspace) => JSON.stringify({ inputs: inputsOf(workspace.name), outputs: outputsOf(workspace) });
const isUpToDate = (workspace) =>
  !force && existsSync(stampOf(workspace)) && readFileSync(stampOf(workspace), 'utf8') === stateOf(workspace);

/** Runs a command. Resolves with whether it succeeded; prints the output if not. */
function run(name, command, cwd) {
  return new Promise((done) => {
    const folders = [join(cwd, 'node_modules/.bin'), join(root, 'node_modules/.bin'), process.env.PATH];
    const child = spawn(command, { cwd, env: { ...process.env, PATH: folders.join(delimiter) }, shell: true });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    child.on('close', (code) => {
      console.log(code === 0 ? `${name} is built` : `${said}\n${name} could not be built`);
      done(code === 0);
    });
  });
}

async function build(workspace) {
  rmSync(stampOf(workspace), { force: true });
  const succeeded = await run(workspace.name, workspace.script, workspace.folder);
  if (succeeded) writeFileSync(stampOf(workspace), stateOf(workspace));
  return succeeded;
}

/** Compiles core's schemas and the assets of pages to sources, then writes the declarations of all packages, which their builds bundle. */
async function buildDeclarations() {
  rmSync(join(root, 'dist/declarations'), { recursive: true, force: true });
  const succeeded =
    (await run('schemas', 'tsx tools/compile-schemas.ts', join(root, 'packages/core'))) &&
    (await run('assets', 'tsx tools/embed-assets.ts', join(root, 'packages/inbox'))) &&
    (await run('dist/declarations', 'tsc --project tools/config/tsconfig.declarations.json', root));
  fingerprints.clear(); // of sources as they were before
  return succeeded;
}

mkdirSync(cache, { recursive: true });
const finished = new Set();
const left = new Set([...workspaces.values()].filter(({ script }) => script !== undefined));
for (const { name, script } of workspaces.values()) if (script === undefined) finished.add(name);
const running = new Map();
const isPackage = ({ folder }) => folder.startsWith(join(root, 'packages'));
const stale = [...left].filter((workspace) => !isUpToDate(workspace));
let failed = stale.some(isPackage) && !(await buildDeclarations());

while ((left.size > 0 && !failed) || running.size > 0) {
  for (const workspace of left) {
    const isReady = workspace.ours.every((name) => finished.has(name));
    if (failed || running.size >= AT_ONCE || !isReady) continue;
    left.delete(workspace);
    const result = stale.includes(workspace) ? build(workspace) : Promise.resolve(true);
    running.set(
      workspace.name,
      result.then((succeeded) => ({ name: workspace.name, succeeded })),
    );
  }
  if (running.size === 0) throw new Error(`Circular dependency: ${[...left].map(({ name }) => name).join(', ')}.`);
  const { name, succeeded } = await Promise.race(running.values());
  running.delete(name);
  if (succeeded) finished.add(name);
  else failed = true;
}
if (failed) process.exitCode = 1;
