/** `npm run check -- words`: finds phrases that a reader of technical English would have to decode, in every text file of the repository. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './pack';

/** Not checked: this file, files without prose, and files that are generated from checked ones. */
const unchecked = [
  /^tools\/check-words\.ts$/,
  /(^|\/)(package-lock\.json|pnpm-lock\.yaml)$|\.(png|svg)$/,
  /^docs\/reference\/(events\/|failures\.md$|options\.md$)|^docs\/promises\.md$|^packages\/\w[\w-]*\/api\/.*\.api\.md$/,
];

/** The phrases with their inflections, as regular expressions that match whole words. A space also matches a line break. */
const phrases = [
  'unless told',
  'could not be meant',
  '(?<!\\bthere )(?:is|are) none',
  'must be a text',
  'whole numbers?',
  'hear(?:s|d|ing)? of',
  'who(?:so)?ever',
  'anew',
  'at once',
  'for one(?=[,.;:)])',
  "of Blue's",
  'besides',
  'tells?|told',
  'eat(?:s|en|ing)?|ate',
  'bur(?:y|ies|ied|ying)',
  'the dead(?! letter|-letter)',
  'g(?:ive|ives|iven|ave|iving) up',
  '(?:is|are) like that',
  'should not have happened',
  '(?:is|are) too much',
  '(?<!\\bthere )(?:is|are|was|were) no(?! longer\\b| more\\b| later\\b| earlier\\b)',
  '(?:is|was) no way',
  'so many',
  'sit(?:s|ting)? (?:the|out)|sat out|pauses out',
  'think twice',
  'look(?:s|ing|ed)? by',
  'asks? for a login',
  '(?:has|have) not(?=[.,;:)])',
  'not hold that',
  'h(?:old|olds|eld|olding) that',
  'belong(?:s|ed|ing)? into',
  '(?:has|have) (?:another|other) reasons?',
  'do(?:es|ing)? without',
  'heed(?:s|ed|ing)?',
  'in vain',
  'in (?:its|their) stead',
];
const pattern = new RegExp(`\\b(?:${phrases.join('|').replaceAll(' ', ' +')})\\b`, 'gi');

/** Replaces each line break, and the comment mark after it, by as many spaces: a phrase can continue on the next line. */
const unwrapped = (text: string) =>
  text.replace(/\n[ \t]*(?:\*(?!\/)|\/\/|#|>)?[ \t]*/g, (wrap) => ' '.repeat(wrap.length));

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)))
  .filter((path) => !unchecked.some((excluded) => excluded.test(path)));
const found = files.flatMap((path) => {
  const text = readFileSync(join(root, path), 'utf8');
  const lines = text.split('\n');
  return [...unwrapped(text).matchAll(pattern)].map(({ 0: phrase, index }) => {
    const line = text.slice(0, index).split('\n').length;
    return `${path}:${line}: '${phrase.replace(/ +/g, ' ')}' in: ${lines[line - 1]?.trim().slice(0, 120)}`;
  });
});
for (const one of found) console.error(one);
if (found.length > 0) process.exitCode = 1;
else console.log(`No phrases to rewrite in ${files.length} files.`);
