/**
 * `npm run release:dry`: a release without publishing. Packs every package into `.release/`, checks each tarball, installs them
 * in a scratch project and uses them there.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getReleasePlan from '@changesets/get-release-plan';
import { type Packed, packAll, root } from './pack';
import { workspaceRuntimes } from './runtimes';
import { createScratch } from './scratch';
import { table } from './table';
import { conformOn, report } from './trial';

const registry = join(root, '.release');
const scratch = mkdtempSync(join(tmpdir(), 'blue-webhooks-release-'));

/** Returns every file that the manifest refers to. */
function targetsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value.replace(/^\.\//, '')];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(targetsOf) : [];
}

/** Returns the problems of a tarball. */
function problemsOf({ manifest, files, tarball }: Packed, names: ReadonlySet<string>): string[] {
  const {
    name,
    bin,
    sideEffects,
    engines,
    publishConfig,
    exports,
    dependencies = {},
    peerDependencies = {},
  } = manifest;
  const problems: string[] = [];
  const demand = (holds: boolean, problem: string) => {
    if (!holds) problems.push(`${name}: ${problem}`);
  };
  const has = new Set(files);
  demand(sideEffects === false, 'sideEffects must be false.');
  demand(/^>=20/.test(engines?.node ?? ''), 'engines must require Node 20 or later.');
  demand(publishConfig?.access === 'public', 'publishConfig.access must be public.');
  demand(publishConfig?.provenance === true, 'publishConfig.provenance must be true.');
  for (const path of [...targetsOf(exports), 'package.json', 'README.md', 'LICENSE']) {
    demand(has.has(path), `${path} is missing from the tarball.`);
  }
  for (const path of files) {
    // Not for a program and the script of its page, which nobody debugs.
    if (!bin && /\.c?js$/.test(path)) demand(has.has(`${path}.map`), `${path} has no map.`);
    const misplaced = /(^|\/)(test|tests|node_modules|\.stryker-tmp)\/|\.test\.|\.tgz$/.test(path);
    demand(!misplaced, `${path} does not belong in a tarball.`);
    const isFixture = /(^|\/)(fixtures|samples)\//.test(path);
    demand(
      !isFixture || name === '@blue-webhooks/testing',
      `${path} is a fixture, which only the testing package may contain.`,
    );
  }
  for (const [dependency, range] of Object.entries({ ...dependencies, ...peerDependencies })) {
    demand(!/^(workspace|catalog|file|link):/.test(range), `${dependency} has the range ${range}.`);
    const ours = names.has(dependency);
    demand(!ours || range === `^${manifest.version}`, `${dependency} must be at ^${manifest.version}, not ${range}.`);
  }
  demand(statSync(tarball).size < 1_000_000, 'the tarball is larger than a megabyte.');
  return problems;
}

/** Returns the next version of each package according to the changesets. */
async function plannedVersions(): Promise<ReadonlyMap<string, string>> {
  const { releases } = await getReleasePlan(root);
  return new Map(releases.filter(({ type }) => type !== 'none').map(({ name, newVersion }) => [name, newVersion]));
}

const kinds = ['dist', 'src', 'samples'];
const count = (files: readonly string[], kind: string) =>
  String(files.filter((path) => path.startsWith(`${kind}/`)).length);

/** Writes the list of published files. */
function list(packed: readonly Packed[]): void {
  const text = packed.map(({ manifest, files }) => `${manifest.name}\n${files.map((file) => `  ${file}`).join('\n')}`);
  writeFileSync(join(registry, 'files.txt'), `${text.join('\n')}\n`);
}

try {
  rmSync(registry, { recursive: true, force: true });
  const packed = await packAll(registry);
  const planned = await plannedVersions();
  const names = new Set(packed.map(({ manifest }) => manifest.name));
  list(packed);

  const head = ['package', 'next version', 'size', 'files', ...kinds];
  const rows = packed.map(({ manifest: { name, version }, files, tarball }) => [
    name,
    planned.get(name) ?? `${version}, unchanged`,
    `${(statSync(tarball).size / 1_000).toFixed(1)} kB`,
    String(files.length),
    ...kinds.map((kind) => count(files, kind)),
  ]);
  console.log(`${table([head, ...rows])}\n`);

  const problems = packed.flatMap((one) => problemsOf(one, names));
  if (new Set(planned.values()).size > 1) problems.push('The packages would be released under different versions.');
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;

  const user = await createScratch(join(scratch, 'user'), packed);
  const trials = [];
  for (const runtime of workspaceRuntimes) trials.push(await conformOn(runtime, user));
  report(trials);
  console.log('\nThe tarballs are in .release/, their file list in .release/files.txt. Nothing was published.');
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
