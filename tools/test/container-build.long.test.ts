import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  commandOf,
  type Stage,
  stagesOf,
  textsOf,
  variablesOf,
} from '../../examples/express-sqlite-inbox/test/dockerfile';

const root = resolve(import.meta.dirname, '../..');
const example = join(root, 'examples/express-sqlite-inbox');

/**
 * Runs the instructions of the Dockerfile without Docker: each stage in an empty folder, with this machine's Node in place of the
 * image, and the current user in place of the image's.
 */
test('the steps of the Dockerfile build a folder that starts by itself', { timeout: 900_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), 'blue-webhooks-image-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const stages = stagesOf(join(example, 'Dockerfile'));
  const folderOf = (stage: Stage) => join(home, stage.name ?? 'image');
  /** Paths of the image are in the folder of their stage. */
  const inFolder = (stage: Stage, text: string) =>
    text.replaceAll(/(^|[\s=])(\/(?:repo|app|data)\b)/g, `$1${folderOf(stage)}$2`);
  for (const stage of stages) {
    let here = folderOf(stage);
    for (const { name, text } of stage.instructions) {
      mkdirSync(here, { recursive: true });
      if (name === 'WORKDIR') here = inFolder(stage, text);
      else if (name === 'COPY') copy(text, here, stages, folderOf);
      else if (name === 'RUN') shell(inFolder(stage, text).replace(/ && chown node:node \S+$/, ''), here);
      else expect(['ENV', 'USER', 'VOLUME', 'EXPOSE', 'HEALTHCHECK', 'CMD']).toContain(name);
    }
  }
  const image = stages.at(-1) as Stage;
  const app = join(folderOf(image), 'app');
  expect(existsSync(join(app, 'node_modules/@blue-webhooks/inbox/dist/index.js'))).toBe(true);
  const [program, ...args] = commandOf(textsOf(image, 'CMD')[0]);
  const env = { ...process.env, PORT: '0', BLUE_WEBHOOK_SECRET: 'a secret', NODE_OPTIONS: '' };
  const path = inFolder(image, variablesOf(image).INBOX_PATH ?? '');
  const child = spawn(program, args, { cwd: app, env: { ...env, INBOX_PATH: path } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
  await expect.poll(() => output, { timeout: 30_000 }).toContain('Listening on');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
  expect(existsSync(path)).toBe(true);
});

function shell(command: string, cwd: string): void {
  execFileSync('sh', ['-ec', command], { cwd, stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: '' } });
}

/** Copies what git tracks, less what the ignore file names, or a folder of another stage. */
function copy(text: string, here: string, stages: readonly Stage[], folderOf: (stage: Stage) => string): void {
  const [, from, source = ''] = /^(?:--from=(\S+) )?(\S+) \.\/?$/.exec(text) ?? [];
  const stage = stages.find(({ name }) => name === from);
  if (stage) {
    cpSync(join(folderOf(stage), source), here, { recursive: true, verbatimSymlinks: true });
    return;
  }
  expect(source).toBe('.');
  const ignored = readFileSync(join(example, 'Dockerfile.dockerignore'), 'utf8');
  for (const name of ['node_modules', 'dist', '.git']) expect(ignored).toContain(name);
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
    .toString()
    .split('\0');
  for (const file of files.filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(here, file)), { recursive: true });
    cpSync(join(root, file), join(here, file));
  }
}
