import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { defineConfig, type MarkdownRenderer } from 'vitepress';
import { writeLlms } from '../generator/llms';
import { sidebar } from './sidebar';

const repository = resolve(import.meta.dirname, '../..');

/**
 * The pages are the repository's own Markdown files, where they lie: the same relative links lead from page to page on a
 * code host and on the site. Only a folder's README becomes its index.
 */
export default defineConfig({
  title: 'blue-webhooks',
  description: 'Receive the webhooks of Blue in TypeScript',
  lang: 'en',
  srcDir: '..',
  srcExclude: ['bench/**', '**/vectors/**', '**/CHANGELOG.md'],
  ignoreDeadLinks: 'localhostLinks', // the examples' own servers
  outDir: resolve(import.meta.dirname, 'dist'),
  cacheDir: resolve(import.meta.dirname, 'cache'),
  buildEnd: ({ outDir }) => writeLlms(outDir),
  rewrites: (page) => page.replace(/(^|\/)README\.md$/, '$1index.md'),
  vite: {
    plugins: [vueOfVitePress()],
    build: { chunkSizeWarningLimit: 1_000 }, // the samples of a family
  },
  markdown: { config: leadLinksToPages, anchor: { slugify: anchorOf } },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/docs/start' },
      { text: 'Guides', link: '/docs/guides/express' },
      { text: 'Concepts', link: '/docs/concepts/delivery' },
      { text: 'Reference', link: '/docs/reference/events/' },
      { text: 'Operations', link: '/docs/operations/alerts' },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
    docFooter: { prev: false, next: false },
  },
});

interface Resolving {
  resolve(
    id: string,
    importer: string,
    options: { readonly skipSelf: boolean },
  ): Promise<{ readonly id: string } | null>;
}

/** Resolves what a page is compiled to import as VitePress itself does: the pages outside `docs/` have no `vue` beside them. */
function vueOfVitePress() {
  const importer = createRequire(import.meta.url).resolve('vitepress/package.json');
  return {
    name: 'vue-of-vitepress',
    enforce: 'pre' as const,
    resolveId(this: Resolving, id: string) {
      return /^vue(\/|$)/.test(id) ? this.resolve(id, importer, { skipSelf: true }) : null;
    },
  };
}

/** As code hosts name headings, so that a link to one leads there in both places. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}

/** A link to a folder or its README leads to that page; the text of one to any other file stays, since the site has no sources. */
function leadLinksToPages(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('lead_links_to_pages', ({ tokens, env }) => {
    const folder = join(repository, dirname((env as { relativePath?: string }).relativePath ?? ''));
    for (const { children } of tokens) {
      for (const [at, token] of (children ?? []).entries()) {
        const href = token.type === 'link_open' ? token.attrGet('href') : null;
        if (!href || /^([a-z]+:|#|\/)/.test(href)) continue;
        const [, path = '', anchor = ''] = /^([^#]*)(.*)$/.exec(href) ?? [];
        const target = join(folder, decodeURI(path));
        if (path.endsWith('README.md')) token.attrSet('href', `./${path.slice(0, -'README.md'.length)}${anchor}`);
        else if (existsSync(join(target, 'README.md'))) token.attrSet('href', `${path.replace(/\/?$/, '/')}${anchor}`);
        else if (existsSync(target) && !path.endsWith('.md')) {
          const end = children?.slice(at).find(({ type }) => type === 'link_close');
          for (const part of [token, end]) if (part) Object.assign(part, { type: 'text', content: '' });
        }
      }
    }
  });
}
