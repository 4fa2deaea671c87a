import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import getReleasePlan from '@changesets/get-release-plan';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const packages = readdirSync(join(root, 'packages'));
const names = packages.map((name) => (JSON.parse(read(`packages/${name}/package.json`)) as { name: string }).name);

test('the changesets release every package, all under one version', async () => {
  const { releases } = await getReleasePlan(root);
  const planned = releases.filter(({ type }) => type !== 'none');
  const present = JSON.parse(read('packages/core/package.json')) as { version: string };
  if (planned.length > 0) expect(planned.map(({ name }) => name).sort()).toEqual([...names].sort());
  const versions = new Set(planned.map(({ newVersion }) => newVersion));
  expect(versions.size).toBeLessThanOrEqual(1);
  if (present.version === '0.0.0') expect([...versions]).toEqual(['0.1.0']);
});

test('every package is released together with the others', () => {
  const { fixed } = JSON.parse(read('.changeset/config.json')) as { fixed: readonly (readonly string[])[] };
  const isFixed = (name: string) => fixed[0]?.some((entry) => entry === name || entry === name.replace(/\/.*$/, '/*'));
  expect(names.filter((name) => !isFixed(name))).toEqual([]);
});

test('a vulnerability has a contact, and an issue has a form for a bug, a protocol change and a feature', () => {
  expect(read('SECURITY.md')).toMatch(/## Reporting a vulnerability\n\n.*Report a vulnerability/);
  for (const form of ['bug', 'protocol-change', 'feature']) {
    const text = read(`.github/ISSUE_TEMPLATE/${form}.yml`);
    for (const key of ['name', 'description', 'body']) expect(text, form).toMatch(new RegExp(`^${key}:`, 'm'));
  }
});

test('the release publishes with provenance, after every check', () => {
  const workflow = read('.github/workflows/release.yml');
  expect(workflow).toContain('id-token: write');
  const steps = ['npm test', 'npm run release', 'sh .github/publish.sh'].map((step) => workflow.indexOf(step));
  expect(steps).not.toContain(-1);
  expect([...steps].sort((one, other) => one - other)).toEqual(steps);
});

test('publish.sh names the repository of the workflow in each manifest', () => {
  const copy = mkdtempSync(join(tmpdir(), 'blue-publish-'));
  try {
    for (const name of ['core', 'cli']) {
      mkdirSync(join(copy, 'packages', name), { recursive: true });
      cpSync(join(root, `packages/${name}/package.json`), join(copy, `packages/${name}/package.json`));
    }
    const run = (env: NodeJS.ProcessEnv) =>
      execFileSync('sh', [join(root, '.github/publish.sh'), '--dry-run'], { cwd: copy, env, stdio: 'pipe' });
    expect(() => run({ PATH: process.env.PATH })).toThrow('GITHUB_REPOSITORY');
    run({ PATH: process.env.PATH, HOME: copy, GITHUB_REPOSITORY: 'owner/name' });
    const manifest = JSON.parse(readFileSync(join(copy, 'packages/cli/package.json'), 'utf8')) as object;
    expect(manifest).toMatchObject({
      name: 'blue-webhooks',
      repository: { type: 'git', url: 'git+https://github.com/owner/name.git', directory: 'packages/cli' },
    });
    expect(existsSync(join(copy, 'node_modules'))).toBe(false);
  } finally {
    rmSync(copy, { recursive: true });
  }
});
