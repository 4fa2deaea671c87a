import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { sampleSecret, signedDelivery } from '@blue-webhooks/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packedRegistry } from './packed-registry';

const root = resolve(import.meta.dirname, '../..');
const registryOf = (home: string) => packedRegistry(['core', 'express', 'testing'], join(home, 'packed'));

/** The steps of a reader, in the text's order: runs commands, writes files, and compares the output with the text. */
const stepsOf = (text: string) =>
  [...text.matchAll(/(?:`([\w.]+)`[^\n]*:\n\n)?```(sh|js|ts|text)\n([\s\S]*?)```/g)].map(
    ([, file, language, code = '']) => ({ file, language, code }),
  );

let home = '';
let registry: Awaited<ReturnType<typeof registryOf>>;
let env: NodeJS.ProcessEnv = {};
const running: ChildProcess[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'blue-start-'));
  registry = await registryOf(home);
  // The packages of this repository come from the local registry, all others from the configured one.
  const npmrc = join(home, '.npmrc');
  const lines = ['prefer-offline=true', 'audit=false', 'fund=false', `@blue-webhooks:registry=${registry.url}`];
  writeFileSync(npmrc, [...userConfig(), ...lines].join('\n'));
  // npm reads upper-case settings, too.
  const inherited = Object.entries(process.env).filter(
    ([name]) => name !== 'BLUE_WEBHOOK_SECRET' && name.toLowerCase() !== 'npm_config_userconfig',
  );
  env = { ...Object.fromEntries(inherited), npm_config_userconfig: npmrc };
}, 60_000);

afterAll(async () => {
  await Promise.all(running.map(stop));
  registry.close();
  rmSync(home, { recursive: true });
});

/** Follows a text exactly. Programs keep running; returns their output. */
async function follow(text: string, { port, folder = home }: { port: string; folder?: string }) {
  let said = '';
  let here = folder;
  for (const { file, language, code } of stepsOf(text)) {
    if (language === 'js' || language === 'ts') {
      expect(file, 'the page names the file').toBeDefined();
      writeFileSync(join(here, file as string), code);
    } else if (language === 'text') {
      await expect.poll(() => said, { timeout: 60_000 }).toContain(code.replaceAll(':3000', `:${port}`));
    } else if (/ node | npx tsx /.test(code)) {
      // A separate terminal, in which the program keeps running.
      const terminal = spawn('sh', ['-ec', `exec env ${code}`], { cwd: here, env: { ...env, PORT: port } });
      for (const stream of [terminal.stdout, terminal.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk));
      running.push(terminal);
    } else {
      const { stdout } = await promisify(execFile)('sh', ['-ec', `${code}pwd`], { cwd: here, env });
      here = stdout.trim().split('\n').at(-1) as string;
    }
  }
  return { folder: here, said: () => said };
}

test('following the page exactly, in an empty folder, shows the event in the handler', {
  timeout: 180_000,
}, async () => {
  const page = readFileSync(join(root, 'docs/start.md'), 'utf8');
  const { said } = await follow(page, { port: String(await freePort()) });
  expect(stepsOf(page).filter(({ language }) => language === 'text')).toHaveLength(3);
  expect(said()).toContain('New record: My first record');
});

test('following the quick start of the README receives a signed delivery', { timeout: 180_000 }, async () => {
  const section = /## Quick start\n([\s\S]*?)\n## /.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? '';
  const port = String(await freePort());
  const folder = join(home, 'blue-start');
  const { said } = await follow(section.replace('SECRET=...', `SECRET=${sampleSecret}`), { port, folder });
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret: sampleSecret });
  const url = `http://localhost:${port}/webhooks/blue`;
  const status = () => fetch(url, { method: 'POST', headers, body }).then((response) => response.status, String);
  await expect.poll(status, { timeout: 60_000, interval: 200 }).toBe(204);
  await expect.poll(said).toContain('New record: ');
});

test('following the skill adds a receiver to a project, and its check passes', { timeout: 180_000 }, async () => {
  const skill = readFileSync(join(root, 'docs/skill/SKILL.md'), 'utf8');
  const folder = join(home, 'blue-start'); // its packages are installed already
  mkdirSync(folder, { recursive: true });
  const { said } = await follow(skill, { port: String(await freePort()), folder });
  expect(stepsOf(skill).map(({ language }) => language)).toEqual(['sh', 'ts', 'sh', 'text', 'ts', 'sh', 'text']);
  expect(said()).toContain('New record: ');
});

/** The user's npm settings, such as the registry. */
function userConfig(): string[] {
  try {
    const { npm_config_userconfig, NPM_CONFIG_USERCONFIG } = process.env;
    const path = npm_config_userconfig ?? NPM_CONFIG_USERCONFIG ?? join(homedir(), '.npmrc');
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
