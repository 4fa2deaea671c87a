import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createMarkdownRenderer, resolveConfig } from 'vitepress';
import { beforeAll, describe, expect, test } from 'vitest';
import { sidebar } from '../.vitepress/sidebar';
import { pagesAsTheyAre } from '../generator/pages';
import { deadLinks } from './links';

const docs = resolve(import.meta.dirname, '..');

/** The pages as VitePress renders them. `npm run check:long -- site` builds the whole site. */
describe('the site', () => {
  const html = new Map<string, string>();

  beforeAll(async () => {
    const { srcDir, pages, rewrites, markdown, site, cleanUrls } = await resolveConfig(docs, 'build', 'production');
    const plain = { ...markdown, highlight: (code: string) => code };
    const renderer = await createMarkdownRenderer(srcDir, plain, site.base);
    for (const page of pages) {
      const path = resolve(srcDir, page);
      const relativePath = rewrites.map[page] ?? page;
      const text = renderer.render(readFileSync(path, 'utf8'), { path, relativePath, cleanUrls });
      html.set(relativePath.replace(/md$/, 'html'), text);
    }
  });

  test('has a page for each of the documents', () => {
    const expected = [...pagesAsTheyAre().keys()].map((path) =>
      `docs/${path}`.replace(/README\.md$/, 'index.md').replace(/md$/, 'html'),
    );
    expect([...html.keys()]).toEqual(expect.arrayContaining([...expected, 'index.html', 'packages/core/index.html']));
  });

  test('has no broken links, including those within a page', () => {
    expect([...html.values()].join('\n').match(/<a [^>]*href="/g)?.length).toBeGreaterThan(500);
    expect(deadLinks(html, resolve(docs, '..'))).toEqual([]);
  });

  test('has every page of docs/ in its sidebar', () => {
    const links = JSON.stringify(sidebar);
    const pages = [...pagesAsTheyAre().keys()].filter((path) => path !== 'README.md');
    const absent = pages.filter((path) => !links.includes(`"/docs/${path.replace(/(README)?\.md$/, '')}"`));
    expect(absent).toEqual([]);
  });
});
