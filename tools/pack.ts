import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What matters here of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly sideEffects?: boolean;
  readonly engines?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly imports?: Readonly<Record<string, unknown>>;
  readonly main?: string;
  readonly module?: string;
  readonly types?: string;
  readonly typesVersions?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean };
}

/** A package as it is published. */
export interface Packed {
  readonly manifest: Manifest;
  readonly tarball: string;
  /** The folder in which the tarball is unpacked. */
  readonly unpacked: string;
  /** Every path in the tarball, without the leading `package/`. */
  readonly files: readonly string[];
}

export const root = resolve(import.meta.dirname, '..');

/** Runs a command to its end; where it fails, with all that it said. */
export function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((done, fail) => {
    execFile(command, args, { cwd, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      error ? fail(new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`)) : done(stdout),
    );
  });
}

const readManifest = (text: string) => JSON.parse(text) as Manifest;

/** The folders of the packages that are published. */
export function publishedFolders(): string[] {
  return readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => !readManifest(readFileSync(join(folder, 'package.json'), 'utf8')).private);
}

async function pack(folder: string, destination: string): Promise<Packed> {
  const name = folder.split(/[\\/]/).at(-1) as string;
  const tarball = join(destination, `${name}.tgz`);
  await run('pnpm', ['pack', '--out', tarball], folder);
  const unpacked = join(destination, 'unpacked', name);
  mkdirSync(unpacked, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', unpacked], root);
  const listed = (await run('tar', ['-tzf', tarball], root)).split('\n').filter((path) => path !== '');
  const manifest = readManifest(readFileSync(join(unpacked, 'package/package.json'), 'utf8'));
  return { manifest, tarball, unpacked, files: listed.map((path) => path.replace(/^package\//, '')).sort() };
}

/** Returns the text of a file in a tarball. */
export function readPacked({ unpacked }: Packed, path: string): string {
  return readFileSync(join(unpacked, 'package', path), 'utf8');
}

/** Packs every package that is published, as it is published. */
export function packAll(destination: string): Promise<Packed[]> {
  mkdirSync(destination, { recursive: true });
  return Promise.all(publishedFolders().map((folder) => pack(folder, destination)));
}

/** The export paths of a package that can be loaded, as they are imported. */
export function entriesOf({ name, exports = {} }: Manifest): string[] {
  return Object.keys(exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => `${name}${path.slice(1)}`);
}
