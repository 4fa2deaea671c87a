/** Writes the reference, and the examples' code into the other pages. A test checks that the pages are up to date. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { docs, pagesAsTheyAre, pagesAsTheyShouldBe } from './generator/pages';

const present = pagesAsTheyAre();
const stale = [...pagesAsTheyShouldBe()].filter(([path, page]) => present.get(path) !== page);
for (const [path, page] of stale) {
  mkdirSync(dirname(resolve(docs, path)), { recursive: true });
  writeFileSync(resolve(docs, path), page);
}
console.log(stale.length === 0 ? 'Every page is up to date.' : `Written: ${stale.map(([path]) => path).join(', ')}.`);
