import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { sidebar } from '../.vitepress/sidebar';
import { schemaFile, schemaFiles } from './schemas';

const root = resolve(import.meta.dirname, '../..');

interface Link {
  readonly text: string;
  readonly link: string;
  readonly items?: readonly Link[];
}

/** A page of `llms.txt`. */
interface Listed {
  /** The file, from the root of the repository and of the site. */
  readonly path: string;
  readonly title: string;
  readonly text: string;
}

/** The sections of `llms.txt`: those of the sidebar, the packages, and what a reader with little room can skip. */
function sections(): ReadonlyMap<string, readonly Listed[]> {
  const groups: readonly { readonly text: string; readonly items: readonly Link[] }[] = sidebar;
  const named = groups.map(({ text, items }) => [text, items.map(listed)] as const);
  const packages = readdirSync(join(root, 'packages')).map((name) => page(`packages/${name}/README.md`));
  const nested = groups.flatMap(({ items }) => items.flatMap(({ items: below = [] }) => below.map(listed)));
  return new Map([...named, ['Packages', packages], ['Optional', nested]]);
}

const listed = ({ link, text }: Link): Listed => page(`${link.slice(1).replace(/(^|\/)$/, '$1README')}.md`, text);

function page(path: string, title?: string): Listed {
  const text = readFileSync(join(root, path), 'utf8').replace(/^---\n[\s\S]*?\n---\n+/, '');
  return { path, title: title ?? /^# (.*)$/m.exec(text)?.[1] ?? path, text };
}

/** The first sentence of a page, without Markdown. */
function summaryOf(text: string): string {
  const paragraph = text.split(/\n{2,}/).find((block) => /^(?!```)[A-Z`*_[]/.test(block)) ?? '';
  const plain = paragraph.replaceAll(/\s+/g, ' ').replaceAll(/\[([^\]]*)\]\([^)]*\)|\*\*/g, '$1');
  return (/^.{20,}?\.(?= |$)/.exec(plain)?.[0] ?? plain).replace(/:$/, '.');
}

/** `llms.txt` (https://llmstxt.org): what the site has, for programs that read it. */
export function llmsIndex(): string {
  const blocks = [...sections()].map(([name, pages]) => {
    const lines = pages.map(({ path, title, text }) => `- [${title}](${path}): ${summaryOf(text)}`);
    return `## ${name}\n\n${lines.join('\n')}\n`;
  });
  return `# blue-webhooks

> TypeScript packages that receive the webhooks of Blue (blue.cc): every delivery verified and typed, and a webhook that stays enabled.

[Set up a receiver](docs/skill/SKILL.md) has the steps for a coding assistant. [llms-full.txt](llms-full.txt) has all pages but the
optional ones in one file.

${blocks.join('\n')}`;
}

/** `llms-full.txt`: the pages themselves, without the optional ones. */
export function llmsFull(): string {
  const pages = [...sections()].flatMap(([name, listedPages]) => (name === 'Optional' ? [] : listedPages));
  return pages.map(({ path, text }) => `<!-- ${path} -->\n\n${text.trim()}\n`).join('\n');
}

/** Writes both files into the built site, the schemas, and beside its pages the Markdown that `llms.txt` leads to. */
export function writeLlms(site: string): void {
  writeFileSync(join(site, 'llms.txt'), llmsIndex());
  writeFileSync(join(site, 'llms-full.txt'), llmsFull());
  for (const name of schemaFiles) copyFileSync(schemaFile(name), join(site, name));
  for (const { path } of [...sections().values()].flat()) {
    mkdirSync(dirname(join(site, path)), { recursive: true });
    copyFileSync(join(root, path), join(site, path));
  }
}
