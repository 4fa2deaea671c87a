/** Writes `vectors.json`: `npx tsx --conditions=@blue-webhooks/source packages/testing/vectors/generate.ts`. */
import { writeFileSync } from 'node:fs';
import { vectorsFile } from './file';

writeFileSync(new URL('vectors.json', import.meta.url), vectorsFile());
