/**
 * Breaks every rule that the documents promise, one after the other, and requires its test to fail: a test that stays green
 * guards nothing. Works in a copy of the repository, so that an interrupted run leaves nothing broken behind.
 * Usage: npm run check:long -- promises [part of a promise]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promises } from '../docs/promises';

const root = resolve(import.meta.dirname, '..');
const wanted = process.argv[2] ?? '';
const copy = mkdtempSync(join(tmpdir(), 'blue-webhooks-promises-'));

function outcomeOf(file: string, title: string): 'passed' | 'failed' | 'not run' {
  const report = join(copy, 'report.json');
  const exact = title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/%[sdifjoO#$]|\$\w+/g, '.*');
  rmSync(report, { force: true });
  const vitest = ['vitest', 'run', file, '--project', '!web', '-t', exact, '--reporter=json', `--outputFile=${report}`];
  const { status } = spawnSync('npx', vitest, { cwd: copy, stdio: 'ignore' });
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
    if (numFailedTests) return 'failed';
    if (!numPassedTests) return status === 0 ? 'not run' : 'failed';
    return status === 0 ? 'passed' : 'failed';
  } catch {
    return 'failed'; // the file itself does not load any more
  }
}

let unguarded = 0;
try {
  cpSync(root, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !/\/(\.git|\.release|matrix)$/.test(path),
  });
  for (const { says, file, test, broken } of promises) {
    if (!says.includes(wanted)) continue;
    const source = join(copy, broken.file);
    const whole = readFileSync(source, 'utf8');
    const before = outcomeOf(file, test);
    writeFileSync(
      source,
      whole.replace(broken.from, () => broken.to),
    );
    const after = before === 'passed' ? outcomeOf(file, test) : undefined;
    writeFileSync(source, whole);
    const guarded = before === 'passed' && after === 'failed';
    if (!guarded) unguarded += 1;
    console.log(`${guarded ? 'guarded' : `NOT GUARDED (whole: ${before}, broken: ${after ?? 'not tried'})`}  ${says}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
const revision = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
console.log(`${promises.length} promises at ${revision}, ${unguarded} not guarded.`);
process.exitCode = unguarded === 0 ? 0 : 1;
