/** `npm run check:words`: finds phrases that a reader of technical English would have to decode, in the folders that are free of them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './pack';

/** What is checked: extend it by each folder that has been rewritten. */
const places = ['packages/cli', 'tools', 'CONTRIBUTING.md', '.ci', '.github'];

const phrases =
  /\bunless told\b|\bcould not be meant\b|\bthat is none\b|must be a text\b|positive whole number|\bhears? of\b|\bwhoever\b|\banew\b|\bat once\b|\bof Blue's\b|\bbesides\b|\btells? the\b|has eaten|\bbury\b|\bburied\b|\bgiven up\b|is like that|should not have happened|is too much|\bis no (inbox|delivery|JSON|database|URL|number|signature|address|text|event|check)\b|there is no way|\bso many a\b|sit the pauses|think twice|looks by|asks for a login|it does not hold|\bhold that\b|belongs? into/i;

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...places], {
  cwd: root,
  encoding: 'utf8',
});
const found = files
  .split('\n')
  .filter(
    (path) =>
      existsSync(join(root, path)) &&
      /\.(ts|tsx|mjs|js|md|css|yml|json)$|\.ci\/run$/.test(path) &&
      path !== 'tools/check-words.ts',
  )
  .flatMap((path) =>
    readFileSync(join(root, path), 'utf8')
      .split('\n')
      .flatMap((line, at) => {
        const phrase = phrases.exec(line)?.[0];
        return phrase === undefined ? [] : [`${path}:${at + 1}: '${phrase}' in: ${line.trim().slice(0, 120)}`];
      }),
  );
for (const one of found) console.error(one);
if (found.length > 0) process.exitCode = 1;
else console.log(`No phrases to rewrite in ${places.join(', ')}.`);
