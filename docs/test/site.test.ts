import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { sidebar } from '../.vitepress/sidebar';
import { pagesAsTheyAre } from '../generator/pages';

const docs = resolve(import.meta.dirname, '..');
const site = join(docs, '.vitepress/dist');

/** The environment of a terminal: the command that runs the tests adds its own variables and paths. */
const environment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST)/i.test(name)));

describe('the site', () => {
  const html = new Map<string, string>();

  // VitePress itself rejects a link to a missing page.
  beforeAll(async () => {
    await promisify(execFile)('npm', ['run', 'docs'], { cwd: resolve(docs, '..'), env: environment() });
    for (const path of readdirSync(site, { recursive: true, encoding: 'utf8' })) {
      if (path.endsWith('.html')) html.set(path, readFileSync(join(site, path), 'utf8'));
    }
  }, 300_000);

  test('has a page for each of the documents', () => {
    const expected = [...pagesAsTheyAre().keys()].map((path) =>
      `docs/${path}`.replace(/README\.md$/, 'index.md').replace(/md$/, 'html'),
    );
    expect([...html.keys()]).toEqual(expect.arrayContaining([...expected, 'index.html', 'packages/core/index.html']));
  });

  test('has no broken links, including those within a page', () => {
    const dead: string[] = [];
    for (const [path, text] of html) {
      for (const [, href = ''] of text.matchAll(/<(?:a|img)\b[^>]* (?:href|src)="([^"]*)"/g)) {
        if (/^(https?|mailto|data):/.test(href)) continue;
        const { pathname, hash } = new URL(href, `http://site/${path}`);
        const target = decodeURIComponent(pathname.slice(1)).replace(/(^|\/)$/, '$1index.html');
        const anchor = decodeURIComponent(hash.slice(1));
        const found =
          html.get(target)?.includes(anchor && `id="${anchor}"`) ?? (!hash && existsSync(join(site, target)));
        if (!found) dead.push(`${path}: ${href}`);
      }
    }
    expect(dead).toEqual([]);
  });

  test('has every page of docs/ in its sidebar', () => {
    const links = JSON.stringify(sidebar);
    const pages = [...pagesAsTheyAre().keys()].filter((path) => path !== 'README.md');
    const absent = pages.filter((path) => !links.includes(`"/docs/${path.replace(/(README)?\.md$/, '')}"`));
    expect(absent).toEqual([]);
  });
});
