/** Writes the reference, and into the other pages the code of the examples. A test holds that nothing is left to write. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { docs, pagesAsTheyAre, pagesAsTheyShouldBe } from './generator/pages';

const present = pagesAsTheyAre();
const stale = [...pagesAsTheyShouldBe()].filter(([path, page]) => present.get(path) !== page);
for (const [path, page] of stale) {
  mkdirSync(dirname(resolve(docs, path)), { recursive: true });
  writeFileSync(resolve(docs, path), page);
}
console.log(
  stale.length === 0 ? 'Every page is as it should be.' : `Written: ${stale.map(([path]) => path).join(', ')}.`,
);
