import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { llmsFull, llmsIndex, writeLlms } from '../generator/llms';
import { pagesAsTheyAre } from '../generator/pages';

const root = resolve(import.meta.dirname, '../..');
const linksIn = (text: string) => [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link]) => link as string);

describe('llms.txt', () => {
  const site = mkdtempSync(join(tmpdir(), 'blue-llms-'));
  writeLlms(site);
  afterAll(() => rmSync(site, { recursive: true }));

  test('begins with a title and a summary, and has a sentence for each page', () => {
    const lines = llmsIndex().split('\n');
    expect(lines[0]).toBe('# blue-webhooks');
    expect(lines[2]).toMatch(/^> .+\.$/);
    const entries = lines.filter((line) => line.startsWith('- '));
    expect(entries.length).toBeGreaterThan(40);
    for (const entry of entries) expect(entry).toMatch(/^- \[[^\]]+\]\([\w./-]+\.md\): \S.*[.!]$/);
  });

  test('has every page of docs/ and the README of every package', () => {
    const links = linksIn(llmsIndex().slice(llmsIndex().indexOf('\n## ')));
    const pages = [...pagesAsTheyAre().keys()].filter((path) => path !== 'README.md').map((path) => `docs/${path}`);
    expect(links).toEqual(expect.arrayContaining([...pages, 'README.md', 'packages/core/README.md']));
    expect(new Set(links).size).toBe(links.length);
  });

  test('leads to Markdown that is on the site, byte for byte', () => {
    for (const link of linksIn(readFileSync(join(site, 'llms.txt'), 'utf8'))) {
      expect(existsSync(join(site, link)), link).toBe(true);
      if (link.endsWith('.md')) expect(readFileSync(join(site, link))).toEqual(readFileSync(join(root, link)));
    }
  });

  test('has the text of every page but the optional ones in llms-full.txt', () => {
    const full = llmsFull();
    expect(full).toBe(readFileSync(join(site, 'llms-full.txt'), 'utf8'));
    expect(full).toContain(readFileSync(join(root, 'docs/start.md'), 'utf8').trim());
    expect(full).toContain(readFileSync(join(root, 'packages/inbox/README.md'), 'utf8').trim());
    expect(full).not.toContain('<!-- docs/reference/events/record.md -->');
    expect(full.length).toBeLessThan(400_000);
  });
});
