import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { packedRegistry } from './packed-registry';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/start.md'), 'utf8');

/** What a reader does, in the page's order: type commands, write files, and look for what the page says will appear. */
const steps = [...page.matchAll(/(?:`([\w.]+)`:\n\n)?```(sh|js|text)\n([\s\S]*?)```/g)].map(
  ([, file, language, text = '']) => ({ file, language, text }),
);

test('whoever follows the page to the word, in an empty folder, sees the event in their handler', {
  timeout: 180_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'blue-start-'));
  const registry = await packedRegistry(['core', 'express', 'testing'], join(home, 'packed'));
  const running: ChildProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(running.map(stop));
    registry.close();
    rmSync(home, { recursive: true });
  });
  // Our packages come from where they are packed, all others from where they come from anyway.
  const npmrc = join(home, '.npmrc');
  const lines = ['prefer-offline=true', 'audit=false', 'fund=false', `@blue-webhooks:registry=${registry.url}`];
  writeFileSync(npmrc, [...userConfig(), ...lines].join('\n'));

  const port = String(await freePort());
  // npm reads its settings in capitals, too.
  const inherited = Object.entries(process.env).filter(
    ([name]) => name !== 'BLUE_WEBHOOK_SECRET' && name.toLowerCase() !== 'npm_config_userconfig',
  );
  const env = { ...Object.fromEntries(inherited), npm_config_userconfig: npmrc, PORT: port };
  let folder = home;
  let said = '';

  for (const { file, language, text } of steps) {
    if (language === 'js') {
      expect(file, 'the page names the file').toBeDefined();
      writeFileSync(join(folder, file as string), text);
    } else if (language === 'text') {
      await expect.poll(() => said, { timeout: 60_000 }).toContain(text.replaceAll(':3000', `:${port}`));
    } else if (/ node /.test(text)) {
      // A terminal of its own, in which the program runs on.
      const terminal = spawn('sh', ['-ec', `exec env ${text}`], { cwd: folder, env });
      const hear = (chunk: Buffer) => (said += chunk);
      terminal.stdout.on('data', hear);
      terminal.stderr.on('data', hear);
      running.push(terminal);
    } else {
      const typed = `${text}pwd`;
      const { stdout } = await promisify(execFile)('sh', ['-ec', typed], { cwd: folder, env });
      folder = stdout.trim().split('\n').at(-1) as string;
    }
  }
  expect(steps.filter(({ language }) => language === 'text')).toHaveLength(3);
  expect(said).toContain('New record: My first record');
});

/** What npm is told on this machine, such as where packages come from. */
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
