import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { hasPostgres, postgresMissing, startPostgres } from '../../../packages/inbox/test/services/postgres';
import { commandOf, type Stage, stagesOf, textsOf, variablesOf } from './dockerfile';

/** Docker is not needed: the commands of the image run in this folder, with a scratch folder in place of its volume. */
const folder = resolve(import.meta.dirname, '..');
const image = stagesOf(join(folder, 'Dockerfile')).at(-1) as Stage;
const secret = 'a secret of the example';
const key = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** Runs a command of the image. */
function run([program, ...args]: readonly [string, ...string[]], env: NodeJS.ProcessEnv): ChildProcess {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const conditions = '--conditions=@blue-webhooks/source'; // the sources, which need no build
  const child = spawn(program === 'node' ? process.execPath : program, [conditions, ...args], {
    cwd: folder,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function running(env: NodeJS.ProcessEnv) {
  const port = String(await freePort());
  const all = { ...env, PORT: port, BLUE_WEBHOOK_SECRET: secret, BLUE_INBOX_KEY: key };
  const child = run(commandOf(textsOf(image, 'CMD')[0]), all);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk));
  const isHealthy = async () => {
    const probe = run(commandOf(textsOf(image, 'HEALTHCHECK')[0]), all);
    return (await once(probe, 'exit'))[0] === 0;
  };
  await expect.poll(() => output, { timeout: 30_000 }).toContain(`Listening on http://localhost:${port}/webhooks/blue`);
  return {
    isHealthy,
    output: () => output,
    async send(title: string) {
      const { TODO_CREATED: created } = fixtures;
      const event = { ...created, currentValue: { ...created.currentValue, title } };
      const { body, headers } = await signedDelivery(event, { secret });
      const response = await fetch(`http://localhost:${port}/webhooks/blue`, {
        method: 'POST',
        body,
        headers: { ...headers },
      });
      return response.status;
    },
    async stop() {
      child.kill('SIGTERM');
      const [code, signal] = await once(child, 'exit');
      return { code, signal };
    },
  };
}

/** Receives a delivery that the first process has no time to handle, and the second handles. */
async function receivesStopsAndContinues(env: NodeJS.ProcessEnv) {
  const first = await running({ ...env, SYNC_MS: '600000' });
  expect(await first.isHealthy()).toBe(true);
  expect(await first.send('Zoë Nowak')).toBe(204);
  const startedAt = performance.now();
  expect(await first.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  expect(performance.now() - startedAt).toBeLessThan(20_000); // stop_grace_period
  expect(await first.isHealthy()).toBe(false);
  const second = await running({ ...env, SYNC_MS: '1' });
  await expect.poll(second.output, { timeout: 20_000 }).toContain(`: Zoë Nowak`);
  await second.stop();
}

describe('the command of the image', () => {
  test('receives, stops within the grace period, and continues on the same volume', { timeout: 90_000 }, async () => {
    const volume = mkdtempSync(join(tmpdir(), 'blue-webhooks-volume-'));
    onTestFinished(() => rmSync(volume, { recursive: true }));
    const path = (variablesOf(image).INBOX_PATH ?? '').replace(textsOf(image, 'VOLUME')[0] ?? '', volume);
    await receivesStopsAndContinues({ INBOX_PATH: path });
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path).includes('Nowak')).toBe(false); // BLUE_INBOX_KEY
  });

  test.skipIf(!hasPostgres)(`does so on PostgreSQL${postgresMissing}`, { timeout: 120_000 }, async () => {
    const server = await startPostgres();
    onTestFinished(() => server.stop());
    await receivesStopsAndContinues({ DATABASE_URL: server.url });
    expect(await server.query('SELECT state FROM blue_webhooks.deliveries')).toBe('[{"state":"done"}]');
  });
});

describe('compose.yaml', () => {
  const { services, volumes } = parse(readFileSync(join(folder, 'compose.yaml'), 'utf8'), { merge: true });

  test('builds this Dockerfile in the root of the repository', () => {
    for (const { build } of [services.sqlite, services.postgres]) {
      expect(existsSync(join(folder, build.context, 'pnpm-workspace.yaml'))).toBe(true);
      expect(resolve(folder, build.context, build.dockerfile)).toBe(join(folder, 'Dockerfile'));
    }
  });

  test('publishes the port, and keeps the volume, of the image', () => {
    const [port = ''] = textsOf(image, 'EXPOSE');
    const [volume = ''] = textsOf(image, 'VOLUME');
    expect(dirname(variablesOf(image).INBOX_PATH ?? '')).toBe(volume);
    expect(services.sqlite.ports).toEqual([`${port}:${port}`]);
    expect(services.postgres.ports).toEqual([`${port}:${port}`]);
    expect(services.sqlite.volumes).toEqual([`inbox:${volume}`]);
    expect(Object.keys(volumes).sort()).toEqual(['database', 'inbox']);
  });

  test('sets variables that the example reads, and an address that leads to the database', () => {
    const sources = ['main.ts', 'store.ts'].map((name) => readFileSync(join(folder, 'src', name), 'utf8')).join('');
    for (const name of Object.keys(services.postgres.environment)) expect(sources).toContain(name);
    const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = services.database.environment;
    const url = services.postgres.environment.DATABASE_URL;
    expect(url).toBe(`postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@database:5432/${POSTGRES_DB}`);
    expect(Object.keys(services)).toContain('database');
    expect(services.postgres.depends_on.database.condition).toBe('service_healthy');
    expect(services.database.healthcheck.test).toContain('pg_isready');
  });

  test('starts one of the two, and gives it longer to stop than the inbox takes', () => {
    expect(services.sqlite.profiles).toEqual(['sqlite']);
    expect([services.postgres.profiles, services.database.profiles]).toEqual([['postgres'], ['postgres']]);
    for (const { stop_grace_period: grace } of [services.sqlite, services.postgres]) {
      expect(Number.parseInt(grace, 10)).toBeGreaterThan(15);
    }
  });
});
