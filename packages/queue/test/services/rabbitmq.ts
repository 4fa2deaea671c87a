import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { onTestFinished } from 'vitest';
import { freePort } from '../../../inbox/test/services/free-port';
import { startServer } from '../../../inbox/test/services/server';

/** Debian's own script without the wrapper that changes the user. */
const program = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** Whether there is a RabbitMQ to test with. */
export const hasRabbitMq = existsSync(program);

/** To be put behind a title. */
export const rabbitMqMissing = hasRabbitMq ? '' : ' (skipped: rabbitmq-server not found)';

/** Starts a separate RabbitMQ with a node name, ports and a folder of its own. It is stopped after the test. Returns its URL. */
export async function startRabbitMq(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-rabbitmq-'));
  const [port, distribution, epmd] = [await freePort(), await freePort(), await freePort()];
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    ERL_EPMD_PORT: `${epmd}`,
    RABBITMQ_NODENAME: `blue-${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: `${port}`,
    RABBITMQ_DIST_PORT: `${distribution}`,
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
  };
  const server = startServer(program, [], { env });
  onTestFinished(async () => {
    // The script's child is the server, and outlives the script.
    const pid = existsSync(env.RABBITMQ_PID_FILE) ? Number(readFileSync(env.RABBITMQ_PID_FILE, 'utf8')) : undefined;
    if (pid) process.kill(pid, 'SIGKILL');
    await server.kill('SIGKILL');
    await stopPortMapper(env);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const url = `amqp://127.0.0.1:${port}`;
  for (const endsAt = Date.now() + 50_000; ; ) {
    try {
      await (await connect(url)).close();
      return url;
    } catch (error) {
      if (server.ended || Date.now() > endsAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Stops the port mapper that Erlang has started. It refuses until it has noticed that the node is gone. */
async function stopPortMapper(env: NodeJS.ProcessEnv): Promise<void> {
  for (let left = 50; left > 0; left--) {
    try {
      execFileSync('epmd', ['-kill'], { env, stdio: 'ignore' });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
