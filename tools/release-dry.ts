/**
 * `npm run release`: everything of a release but the release. Packs every package into `.release/`, as a registry would
 * get it, looks through each tarball, installs them all in a scratch project and uses them there.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getReleasePlan from '@changesets/get-release-plan';
import { type Packed, packAll, root } from './pack';
import { workspaceRuntimes } from './runtimes';
import { createScratch } from './scratch';
import { table } from './table';
import { tarballProblems } from './tarball-problems';
import { conformOn, report } from './trial';

const registry = join(root, '.release');
const scratch = mkdtempSync(join(tmpdir(), 'blue-webhooks-release-'));

/** What is wrong with a tarball. */
function problemsOf({ manifest, files, tarball }: Packed, names: ReadonlySet<string>): string[] {
  const { name, bin, sideEffects, engines, publishConfig, dependencies = {}, peerDependencies = {} } = manifest;
  const problems: string[] = [];
  const demand = (holds: boolean, problem: string) => {
    if (!holds) problems.push(`${name}: ${problem}`);
  };
  const has = new Set(files);
  demand(sideEffects === false, 'sideEffects must be false.');
  demand(/^>=20/.test(engines?.node ?? ''), 'engines must ask for Node 20 or later.');
  demand(publishConfig?.access === 'public', 'publishConfig.access must be public.');
  demand(publishConfig?.provenance === true, 'publishConfig.provenance must be true.');
  for (const path of files) {
    // Nobody steps into a program, nor into the script of its page.
    if (!bin && /\.c?js$/.test(path)) demand(has.has(`${path}.map`), `${path} has no map.`);
    const misplaced = /(^|\/)(test|tests|node_modules|\.stryker-tmp)\/|\.test\.|\.tgz$/.test(path);
    demand(!misplaced, `${path} must not be in a tarball.`);
    const isFixture = /(^|\/)(fixtures|samples)\//.test(path);
    demand(!isFixture || name === '@blue-webhooks/testing', `${path} is a fixture, which only testing may hold.`);
  }
  for (const [dependency, range] of Object.entries({ ...dependencies, ...peerDependencies })) {
    demand(!/^(workspace|catalog|file|link):/.test(range), `${dependency} has the range ${range}.`);
    const ours = names.has(dependency);
    demand(!ours || range === `^${manifest.version}`, `${dependency} must be at ^${manifest.version}, not ${range}.`);
  }
  demand(statSync(tarball).size < 1_000_000, 'the tarball weighs more than a megabyte.');
  return problems;
}

/** The version that the changesets lead each package to. */
async function plannedVersions(): Promise<ReadonlyMap<string, string>> {
  const { releases } = await getReleasePlan(root);
  return new Map(releases.filter(({ type }) => type !== 'none').map(({ name, newVersion }) => [name, newVersion]));
}

const kinds = ['dist', 'samples'];
const count = (files: readonly string[], kind: string) =>
  String(files.filter((path) => path.startsWith(`${kind}/`)).length);

/** Lists the files of each package, to show what is published. */
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
  problems.push(...packed.flatMap(tarballProblems));
  if (new Set(planned.values()).size > 1) problems.push('The packages would be released under different versions.');
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;

  const user = await createScratch(join(scratch, 'user'), packed);
  const trials = [];
  for (const runtime of workspaceRuntimes) trials.push(await conformOn(runtime, user));
  report(trials);
  console.log('\nThe tarballs are in .release/, what they hold in .release/files.txt. Nothing was published.');
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
