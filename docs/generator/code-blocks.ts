import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** `<!-- code: examples/bun/src/server.ts -->` and the block below it. */
const marked = /(<!-- code: (\S+) -->\n+```\w+\n)([\s\S]*?)(```)/g;

/** Returns a page in which each marked block has the current code of its file: the tests run the code that a reader copies. */
export function withCodeOfExamples(page: string): string {
  return page.replace(marked, (_, opening: string, path: string, _code, end: string) => {
    return `${opening}${readFileSync(resolve(root, path), 'utf8')}${end}`;
  });
}

/** The files that a page shows. */
export const filesShown = (page: string): string[] => [...page.matchAll(marked)].map(([, , path]) => path as string);
