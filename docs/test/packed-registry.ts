import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** Serves a local registry with the packages as they would be published, so that `npm install` finds them by name. */
export async function packedRegistry(names: readonly string[], folder: string) {
  const packed = new Map(await Promise.all(names.map((name) => pack(name, folder))));
  const server = createServer((req, res) => {
    const path = decodeURIComponent(req.url ?? '').slice(1);
    const tarball = packed.get(path.replace(/\.tgz$/, ''));
    if (!tarball) return void res.writeHead(404).end();
    if (path.endsWith('.tgz')) return void res.end(tarball.bytes);
    const { name, version } = tarball.manifest;
    const integrity = `sha512-${createHash('sha512').update(tarball.bytes).digest('base64')}`;
    const manifest = { ...tarball.manifest, dist: { tarball: `http://${req.headers.host}/${name}.tgz`, integrity } };
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions: { [version]: manifest } }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function pack(name: string, folder: string) {
  const tarball = join(folder, `${name}.tgz`);
  await run('pnpm', ['pack', '--out', tarball], { cwd: join(root, 'packages', name) });
  const { stdout } = await run('tar', ['-xzOf', tarball, 'package/package.json']);
  const manifest = JSON.parse(stdout) as { name: string; version: string };
  return [manifest.name, { manifest, bytes: readFileSync(tarball) }] as const;
}
