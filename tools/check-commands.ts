/**
 * Checks that the table in `commands.ts` covers every command that a page names. `--run` (`npm run check:long -- commands`) runs those
 * that no test runs, as written, in a fresh clone with an empty home folder; `--all` includes the longest. Words select the
 * commands that contain them.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReceiver } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/express';
import { packedRegistry } from '../docs/test/packed-registry';
import { commands, namedCommands, type Run } from './commands';
import { publishedFolders, root, run } from './pack';

const secret = 'the secret of the check';

function uncovered(): string[] {
  const named = namedCommands();
  const problems = named
    .filter(({ command }) => !Object.hasOwn(commands, command))
    .map(({ command, page, line }) => `${page}:${line}: '${command}' is not covered: add it to tools/commands.ts.`);
  for (const [command, coverage] of Object.entries(commands)) {
    if (!named.some((one) => one.command === command)) problems.push(`tools/commands.ts: no page names '${command}'.`);
    if ('test' in coverage && !existsSync(join(root, coverage.test))) problems.push(`${coverage.test} is missing.`);
  }
  return problems;
}

/** Returns the environment of a new terminal with an empty home folder, without the variables of this process's package manager. */
function environment(home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|INIT_CWD|XDG_|PNPM_|CI$)/i.test(name));
  const path = (process.env.PATH ?? '').split(':').filter((part) => !part.includes('node_modules'));
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    PATH: path.join(':'),
    BLUE_WEBHOOK_SECRET: secret,
    BROWSER: 'none',
  };
}

/** Runs a command, and interrupts it if it does not end by itself. Returns the problem, if any. */
function type(command: string, cwd: string, home: string, { until, codes = [0] }: Run) {
  return new Promise<string | undefined>((done) => {
    const child = spawn(command, {
      cwd,
      env: environment(home),
      shell: true,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    let interrupted = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (interrupted || !until?.test(said)) return;
        interrupted = true;
        process.kill(-(child.pid as number), 'SIGINT');
      });
    }
    child.on('close', (code, signal) => {
      const right = until ? interrupted : codes.includes(code ?? -1);
      done(right ? undefined : `ended with ${code ?? signal}:\n${said.slice(-3_000)}`);
    });
  });
}

/** Creates a clone of the commit, and an empty project in which the packed packages can be installed by name. */
async function prepare(folder: string) {
  const home = join(folder, 'home');
  const clone = join(folder, 'clone');
  const project = join(folder, 'project');
  for (const path of [home, project]) mkdirSync(path);
  await run('git', ['clone', '--quiet', root, clone], folder);
  const names = publishedFolders().map((path) => path.split('/').at(-1) as string);
  const registry = await packedRegistry(names, join(folder, 'packed'));
  writeFileSync(join(project, '.npmrc'), `@blue-webhooks:registry=${registry.url}\naudit=false\nfund=false\n`);
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  writeFileSync(join(project, 'refused.json'), '{"event":"TAG_CREATED"}');
  await run('npm', ['install', join(folder, 'packed/cli.tgz')], project);
  const receive = blueWebhook(createReceiver({ secret }));
  const app = createServer((req, res) => receive(req, res, () => res.end())).listen(3000);
  const close = () => {
    registry.close();
    app.closeAllConnections();
    app.close();
  };
  return { home, clone, project, close };
}

async function runAll(wanted: readonly string[], all: boolean): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-commands-'));
  const problems: string[] = [];
  try {
    const { home, close, ...folders } = await prepare(folder);
    for (const [command, coverage] of Object.entries(commands)) {
      if (!('runIn' in coverage)) continue;
      const isWanted = wanted.length > 0 ? wanted.some((word) => command.includes(word)) : all || !coverage.long;
      if (!isWanted) continue;
      const startedAt = performance.now();
      const problem = await type(command, folders[coverage.runIn], home, coverage);
      console.log(
        `${problem ? 'FAILED' : 'ok'}  ${command} (${Math.round((performance.now() - startedAt) / 1_000)} s)`,
      );
      if (problem) problems.push(`'${command}' ${problem}`);
    }
    close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return problems;
}

const words = process.argv.slice(2);
const isRun = words.includes('--run');
const problems = uncovered();
if (isRun)
  problems.push(
    ...(await runAll(
      words.filter((word) => !word.startsWith('--')),
      words.includes('--all'),
    )),
  );
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${Object.keys(commands).length} commands that the pages name are covered.`);
