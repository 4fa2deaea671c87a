import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { withCodeOfExamples } from './code-blocks';
import { eventPages } from './events';
import { failuresPage } from './failures';
import { optionsPage } from './options';
import { promisesPage } from './promises';
import { schemasPage } from './schemas';

export const docs = resolve(import.meta.dirname, '..');

/** Every page below docs/, by its path there, as it stands in the repository. */
export function pagesAsTheyAre(): Map<string, string> {
  const paths = readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !/(^|\/)(node_modules|\.vitepress)\//.test(path))
    .sort();
  return new Map(paths.map((path) => [path, readFileSync(resolve(docs, path), 'utf8')]));
}

/** The same pages as they should be: the reference made from the sources, and in the others the examples' code. */
export function pagesAsTheyShouldBe(): Map<string, string> {
  const written = [...pagesAsTheyAre()].map(([path, page]) => [path, withCodeOfExamples(page)] as const);
  const made = [
    ...eventPages(),
    ['failures.md', failuresPage()],
    ['options.md', optionsPage()],
    ['schemas.md', schemasPage()],
  ] as const;
  const reference = made.map(([path, page]) => [`reference/${path}`, `${notice}${page}`] as const);
  return new Map([...written, ...reference, ['promises.md', `${notice}${promisesPage()}`]]);
}

const notice = '<!-- Made by `npm run docs` from the sources: change those. -->\n\n';
