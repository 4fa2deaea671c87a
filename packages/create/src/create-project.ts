import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** The frameworks that the template has an app for. */
export const frameworks = ['express', 'hono'] as const;

/** One of them. */
export type Framework = (typeof frameworks)[number];

export interface ProjectOptions {
  /** Created if it is missing; must be empty. Its name becomes the project's. */
  readonly folder: string;
  readonly framework: Framework;
  /** The folder of the template. */
  readonly template: string;
  /** The version of the packages of blue-webhooks that the project depends on. */
  readonly version: string;
}

/** The dependencies that only one framework's app needs. */
const dependenciesOf: Readonly<Record<Framework, RegExp>> = {
  express: /^(@types\/|@blue-webhooks\/)?express$/,
  hono: /^(@blue-webhooks\/|@hono\/)?(hono|node-server)$/,
};

/**
 * Writes a project into an empty folder.
 * @throws TypeError for an unknown framework, a folder that contains files, or a name that npm does not allow
 */
export function createProject({ folder, framework, template, version }: ProjectOptions): void {
  if (!frameworks.includes(framework)) {
    throw new TypeError(`Unknown framework: ${framework}. Known are ${frameworks.join(' and ')}.`);
  }
  const name = basename(resolve(folder));
  if (!/^[a-z0-9][a-z0-9._-]{0,213}$/.test(name)) {
    throw new TypeError('The name of the folder must be a package name: lower-case letters, digits, dots, - and _.');
  }
  if (existsSync(folder) && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0)) {
    throw new TypeError(`${folder} exists and is not an empty folder.`);
  }
  for (const path of filesOf(template)) {
    const target = targetOf(path, framework);
    if (target === undefined) continue;
    const text = readFileSync(join(template, path), 'utf8');
    const file = join(folder, target);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, target === 'package.json' ? manifestOf(text, { name, framework, version }) : text);
  }
}

const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));

/**
 * Where a file of the template goes; `undefined` for another framework's. A leading `_` keeps npm and this repository's tools from
 * taking the file for their own.
 */
function targetOf(path: string, framework: Framework): string | undefined {
  if (path === join('src', 'app.hono.ts')) return framework === 'hono' ? join('src', 'app.ts') : undefined;
  if (path === join('src', 'app.ts') && framework !== 'express') return undefined;
  const plain = basename(path).replace(/^_/, '');
  return join(dirname(path), plain);
}

/** Removes the other frameworks' dependencies, and sets the name and our versions. */
function manifestOf(
  text: string,
  { name, framework, version }: { name: string } & Pick<ProjectOptions, 'framework' | 'version'>,
) {
  const manifest = JSON.parse(text) as Record<string, unknown> &
    Record<'dependencies' | 'devDependencies', Record<string, string>>;
  const isOfAnother = (dependency: string) =>
    frameworks.some((other) => other !== framework && dependenciesOf[other].test(dependency));
  for (const field of ['dependencies', 'devDependencies'] as const) {
    const kept = Object.entries(manifest[field]).filter(([dependency]) => !isOfAnother(dependency));
    manifest[field] = Object.fromEntries(
      kept.map(([dependency, range]) => [dependency, dependency.startsWith('@blue-webhooks/') ? `^${version}` : range]),
    );
  }
  return `${JSON.stringify({ ...manifest, name }, undefined, 2)}\n`;
}
