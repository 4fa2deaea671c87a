import { posix } from 'node:path';
import { type Packed, readPacked } from './pack';

/** Conditions that a runtime, a bundler or a compiler sets on a user's machine. */
const conditions = new Set(['types', 'import', 'require', 'default', 'node', 'workerd', 'edge-light', 'browser']);

/** Fields that matter only in the workspace. */
const workspaceFields = ['scripts', 'devDependencies'] as const;

interface SourceMap {
  readonly file?: string;
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
}

/** Returns what is wrong with a tarball: references to missing files, and content that users do not need. */
export function tarballProblems(packed: Packed): string[] {
  const { manifest, files } = packed;
  const problems: string[] = [];
  const demand = (holds: boolean, problem: string) => {
    if (!holds) problems.push(`${manifest.name}: ${problem}`);
  };
  const has = new Set(files);
  for (const path of ['package.json', 'README.md', 'LICENSE']) {
    demand(has.has(path), `${path} is missing from the tarball.`);
  }
  const { exports, imports, main, module, types, typesVersions, bin } = manifest;
  const targets = [exports, imports, main, module, types, typesVersions, bin].flatMap(targetsIn);
  for (const target of targets)
    demand(has.has(target), `package.json refers to ${target}, which is not in the tarball.`);
  for (const condition of [...conditionsIn(exports), ...conditionsIn(imports)]) {
    demand(conditions.has(condition), `package.json has the condition ${condition}, which no user sets.`);
  }
  for (const field of workspaceFields) demand(manifest[field] === undefined, `package.json has ${field}.`);
  for (const entry of manifest.files ?? []) {
    if (entry.startsWith('!')) continue;
    const found = files.some((path) => path === entry || path.startsWith(`${entry}/`));
    demand(found, `\`files\` lists ${entry}, which is not in the tarball.`);
  }
  for (const [subpath, target] of Object.entries(exports ?? {})) {
    if (subpath === '.' || typeof target === 'string') continue;
    const types = (target as { import?: { types?: string } }).import?.types;
    const found = typesVersions?.['*']?.[subpath.slice(2)]?.[0];
    demand(found === types, `\`typesVersions\` does not lead \`moduleResolution: node\` from ${subpath} to ${types}.`);
  }
  const reachable = reachableFrom(targets, packed);
  for (const path of files) {
    const code = /\.(c?js|d\.c?ts)$/.test(path) && path.startsWith('dist/');
    demand(!code || reachable.has(path), `nothing imports ${path}.`);
    demand(!path.startsWith('src/'), `${path} is a source, and the source maps contain the sources.`);
    demand(!path.endsWith('.map') || has.has(path.slice(0, -'.map'.length)), `${path} maps no file.`);
    if (!path.endsWith('.map')) continue;
    const { file = '', sources, sourcesContent = [] } = JSON.parse(readPacked(packed, path)) as SourceMap;
    demand(!posix.isAbsolute(file), `${path} names its file by a path of the machine that built it.`);
    for (const [place, source] of sources.entries()) {
      const packedToo = has.has(posix.join(posix.dirname(path), source));
      demand(packedToo || typeof sourcesContent[place] === 'string', `${path} lacks the content of ${source}.`);
      demand(!posix.isAbsolute(source), `${path} contains a path of the machine that built it.`);
    }
  }
  return problems;
}

/** Returns every path in a field of the manifest, without the leading `./`. */
function targetsIn(value: unknown): string[] {
  if (typeof value === 'string') return [posix.normalize(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(targetsIn) : [];
}

function conditionsIn(field: Readonly<Record<string, unknown>> = {}): string[] {
  const nested = (value: unknown): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([condition, target]) => [condition, ...nested(target)])
      : [];
  return Object.values(field).flatMap(nested);
}

/** Returns the files that code or declarations of the package import, directly or not. */
function reachableFrom(targets: readonly string[], packed: Packed): ReadonlySet<string> {
  const has = new Set(packed.files);
  const reached = new Set(targets.filter((target) => has.has(target)));
  for (const path of reached) {
    if (!/\.(c?js|d\.c?ts)$/.test(path)) continue;
    for (const [, specifier = ''] of readPacked(packed, path).matchAll(/['"](\.{1,2}\/[^'"\n]+)['"]/g)) {
      const target = posix.join(posix.dirname(path), specifier);
      // A declaration names the script, and the compiler reads the declaration beside it.
      const declaration = target.replace(/\.(c?)js$/, '.d.$1ts');
      const next = path.endsWith('ts') && has.has(declaration) ? declaration : target;
      if (has.has(next)) reached.add(next);
    }
  }
  return reached;
}
