import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Format } from 'esbuild';
import { describe, expect, onTestFinished, test } from 'vitest';

const entry = fileURLToPath(new URL('bundle/app.ts', import.meta.url));

/** Bundles an application that opens an inbox without node:sqlite, and runs it where nothing is installed. */
async function runBundle(format: Format, options: { external?: string[]; install?: readonly string[] } = {}) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'blue-webhooks-bundle-')));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const outfile = join(folder, format === 'esm' ? 'app.mjs' : 'app.cjs');
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format,
    logLevel: 'silent',
    conditions: ['@blue-webhooks/source'],
    external: options.external ?? [],
  });
  const modules = join(dirname(realpathSync(createRequire(entry).resolve('libsql'))), '..');
  for (const name of options.install ?? []) {
    const target = join(folder, 'node_modules', name);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(modules, name), target, { recursive: true, dereference: true });
  }
  const { stdout } = spawnSync(process.execPath, [outfile], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  return stdout.trim();
}

describe.each<Format>(['esm', 'cjs'])('an inbox in a bundle (%s)', (format) => {
  test('names the native package and the bundler’s option when libsql was bundled', async () => {
    const message = await runBundle(format);
    expect(message).toMatch(/^NO_DRIVER /);
    expect(message).toContain('cannot load its native package');
    expect(message).toContain('--external:libsql');
    expect(message).not.toContain('npm install libsql');
  });

  test('says that libsql is not installed when it is external and missing', async () => {
    const message = await runBundle(format, { external: ['libsql'] });
    expect(message).toMatch(/^NO_DRIVER .*libsql is not installed where it runs: npm install libsql/);
    expect(message).not.toContain('--external');
  });

  test('names the native package when libsql is installed without it', async () => {
    const message = await runBundle(format, {
      external: ['libsql'],
      install: ['libsql', '@neon-rs/load', 'detect-libc'],
    });
    expect(message).toMatch(/^NO_DRIVER /);
    expect(message).not.toContain('npm install libsql');
  });
});
