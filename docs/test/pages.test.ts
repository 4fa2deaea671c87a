import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FailureCode } from '@blue-webhooks/core';
import { eventNames } from '@blue-webhooks/core';
import { fixtures } from '@blue-webhooks/testing';
import { describe, expect, test } from 'vitest';
import { filesShown } from '../generator/code-blocks';
import { membersOf, optionsOf } from '../generator/declarations';
import { docs, pagesAsTheyAre, pagesAsTheyShouldBe } from '../generator/pages';

const pages = pagesAsTheyAre();
const page = (path: string) => pages.get(path) ?? '';

const hosts = [
  'express',
  'hono',
  'nextjs',
  'nestjs',
  'fastify',
  'lambda',
  'workers',
  'cloudflare-queues',
  'durable-objects',
  'sqs',
  'bun',
  'deno',
  'sveltekit',
  'nitro',
  'koa',
  'elysia',
  'trpc',
  'vercel',
  'netlify',
  'supabase',
  'azure-functions',
  'google-cloud-functions',
];

/** What a project on the host has already. */
const projectHas: Readonly<Record<string, RegExp>> = {
  nestjs: /^@nestjs\/|^express$/,
  nitro: /^h3$/,
  supabase: /^@blue-webhooks\/core$/, // `deno.json` names it
  sveltekit: /^@sveltejs\/kit$/,
};

describe('the documentation', { timeout: 60_000 }, () => {
  test('is up to date with the sources and the examples; run `npm run docs` to update it', () => {
    const shouldBe = pagesAsTheyShouldBe();
    const stale = [...shouldBe].filter(([path, text]) => pages.get(path) !== text).map(([path]) => path);
    const orphans = [...pages.keys()].filter((path) => !shouldBe.has(path));
    expect({ stale, orphans }).toEqual({ stale: [], orphans: [] });
  });

  test('has every event, with a description and its sample', () => {
    const reference = [...pages].filter(([path]) => path.startsWith('reference/events/')).map(([, text]) => text);
    const names = Object.values(eventNames).flat();
    expect(names).toHaveLength(37);
    for (const name of names) {
      const section = reference.join('\n').split(`\n## ${name}\n\n`)[1]?.split('\n## ')[0] ?? '';
      expect(section, name).toMatch(/^[A-Z].*\./);
      const sample: unknown = JSON.parse(/```json\n([\s\S]*?)```/.exec(section)?.[1] ?? 'null');
      expect(sample, name).toEqual(fixtures[name]);
    }
  });

  test('has every failure code, and every option of a receiver', () => {
    const codes = membersOf('core', 'FailureCode') as FailureCode[];
    expect(codes).toContain('SIGNATURE_MISMATCH' satisfies FailureCode);
    for (const code of codes) expect(page('reference/failures.md'), code).toMatch(new RegExp(`\\n## ${code}\\n\\n.+`));
    const options = optionsOf('core', 'ReceiverOptions');
    expect(options.map(({ name }) => name)).toEqual(expect.arrayContaining(['secret', 'maxBodyBytes', 'deadLetter']));
    for (const { name } of options) expect(page('reference/options.md'), name).toContain(`\n| \`${name}\` |`);
  });

  test('leads to the README of every package', () => {
    for (const name of readdirSync(join(docs, '../packages'))) {
      expect(page('reference/packages.md')).toContain(`(../../packages/${name}/README.md)`);
    }
  });

  test.each(hosts)('installs in the guide for %s what its code imports', (guide) => {
    const text = page(`guides/${guide}.md`);
    const commands = [...text.matchAll(/(?:npm install|(?:bun|deno) add)((?: [@\w./:-]+)+)/g)].map(
      ([, names]) => names,
    );
    const installed: readonly string[] = commands.join(' ').match(/@?[\w.-]+(?:\/[\w.-]+)?(?=\s|$)/g) ?? [];
    const imported = [...text.matchAll(/ from '((?:@[\w-]+\/)?[\w-]+)[^']*'/g)].map(([, name]) => name as string);
    const missing = imported.filter(
      (name) => name !== 'node' && !installed.includes(name) && !projectHas[guide]?.test(name),
    );
    expect(missing).toEqual([]);
    expect(imported).not.toEqual([]);
  });

  test.each(hosts)('shows in the guide for %s the code of an example that is tested', (guide) => {
    expect(filesShown(page(`guides/${guide}.md`))).toContainEqual(expect.stringMatching(/^examples\/.*\.m?ts$/));
  });
});
