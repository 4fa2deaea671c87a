/** `npm run check:words`: finds phrases that a reader of technical English would have to decode, in every text file of the repository. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './pack';

/** This file lists the phrases, and lock files hold no prose. */
const unchecked = /^tools\/check-words\.ts$|(^|\/)(package-lock\.json|pnpm-lock\.yaml)$|\.(png|svg)$/;

/** The phrases, each with its inflections. Write `re:` alternatives without capturing groups: the first match is reported. */
const phrases = [
  'unless (?:it is |they are )?told',
  'could not be meant',
  '(?<!\\bthere )(?:is|are) none',
  'must be a text',
  'whole numbers?',
  'hear(?:s|d|ing)? of',
  'who(?:so)?ever',
  'anew',
  'at once',
  '(?<=, )for one(?= )|for one(?=[,;:])',
  "of Blue's",
  'besides',
  'tell(?:s|ing)?',
  'told',
  'eat(?:s|en|ing)?',
  'ate',
  'bur(?:y|ies|ied|ying)',
  'the dead(?! letter|-letter)',
  'g(?:ive|ives|iven|ave|iving) up',
  '(?:is|are) like that',
  'should not have happened',
  '(?:is|are) too much',
  '(?<!\\bthere )(?:is|are|was|were|be) no(?! longer\\b| more\\b| later\\b| earlier\\b)',
  '(?:is|was) no way',
  'so many',
  'sit(?:s|ting)? (?:the|out)|sat out|pauses out',
  'think twice',
  'look(?:s|ing|ed)? by',
  'ask(?:s|ed|ing)? for',
  '(?:has|have) not(?=[.,;:)])',
  'not hold that',
  'h(?:old|olds|eld|olding) that',
  'belong(?:s|ed|ing)? into',
  '(?:has|have) (?:another|other) reasons?',
  'do(?:es|ing)? without',
  'heed(?:s|ed|ing)?',
];
const pattern = new RegExp(`\\b(?:${phrases.join('|').replaceAll(' ', ' +')})\\b`, 'gi');

/** One line of text per file: a phrase may continue on the next line, behind its comment mark. */
const joined = (text: string) =>
  text.replace(/\n[ \t]*(?:\*(?!\/)|\/\/|#|>|\|)?[ \t]*/g, (wrap) => ' '.padEnd(wrap.length));

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)) && !unchecked.test(path));
const found = files.flatMap((path) => {
  const text = readFileSync(join(root, path), 'utf8');
  const lines = text.split('\n');
  return [...joined(text).matchAll(pattern)].map(({ 0: phrase, index }) => {
    const at = text.slice(0, index).split('\n').length;
    return `${path}:${at}: '${phrase}' in: ${lines[at - 1]?.trim().slice(0, 120)}`;
  });
});
for (const one of found) console.error(one);
if (found.length > 0) process.exitCode = 1;
else console.log(`No phrases to rewrite in ${files.length} files.`);
