import { execFile, execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './free-port';
import { type Server, startServer } from './server';

/** Where `postgres` and `initdb` are: on the path, or where Debian puts them, which is beside it. */
const folder = (() => {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ];
  return folders.find((path) => existsSync(join(path, 'postgres')) && existsSync(join(path, 'initdb')));
})();

/** Whether there is a PostgreSQL to test with. In CI its absence is a failure, on a user's machine the tests say that they skip. */
export const hasPostgres = folder !== undefined;
if (!hasPostgres && process.env.CI) throw new Error('postgres not found: .ci/run installs it.');

/** To be put behind a title. */
export const postgresMissing = hasPostgres ? '' : ' (skipped: postgres not found)';

export interface PostgresServer {
  readonly url: string;
  /** Stops it immediately despite open connections, like a crash: nothing more is written. */
  kill(): Promise<void>;
  /** Runs statements as the user of `url`. Returns the last answer as text. */
  query(...statements: string[]): Promise<string>;
  /** Suspends it, with all processes that serve connections. Returns a function that resumes it. */
  pause(): Promise<() => void>;
  /** Starts it again with what it has on its disk. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A PostgreSQL of its own on a free port. */
export async function startPostgres(): Promise<PostgresServer> {
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), 'blue-webhooks-postgres-'));
  const user = otherThanRoot();
  if (user) chownSync(data, user.uid, user.gid);
  const run = { ...user, cwd: data };
  const binary = (name: string) => join(folder ?? '', name);
  const initdb = ['-D', data, '-U', 'blue', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
  await promisify(execFile)(binary('initdb'), initdb, run);
  const options = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${data}`];
  const spawn = () =>
    startServer(binary('postgres'), ['-D', data, ...options.flatMap((option) => ['-c', option])], run);
  const url = `postgres://blue@127.0.0.1:${port}/postgres`;
  let server = spawn();
  await untilItAnswers(url, server);
  return {
    url,
    kill: () => server.kill('SIGQUIT'),
    async query(...statements) {
      const client = new pg.Client(url);
      await client.connect();
      let answer: unknown;
      for (const statement of statements) answer = (await client.query(statement)).rows;
      await client.end();
      return JSON.stringify(answer);
    },
    async pause() {
      const client = new pg.Client(url);
      await client.connect();
      const { rows } = await client.query("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'");
      const pids = [server.pid, ...rows.map(({ pid }: { pid: number }) => pid)] as number[];
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      return () => {
        for (const pid of pids) process.kill(pid, 'SIGCONT');
        void client.end();
      };
    },
    async start() {
      server = spawn();
      await untilItAnswers(url, server);
    },
    async stop() {
      await server.kill('SIGQUIT');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root, as which containers of CI run. */
function otherThanRoot(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

async function untilItAnswers(url: string, server: Server): Promise<void> {
  for (;;) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      return await client.end();
    } catch {
      if (server.ended) throw new Error('postgres did not start.');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
