import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const cwd = fileURLToPath(new URL('..', import.meta.url));

/** Starts what `npm run build` has built, on a free port, until the test ends. Returns its address and its output. */
export async function serve(env: NodeJS.ProcessEnv = {}) {
  const server = spawn(process.execPath, ['dist'], {
    cwd,
    env: { ...process.env, ...env, HOST: '127.0.0.1', PORT: '0' },
  });
  onTestFinished(() => void server.kill('SIGKILL'));
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk;
      const port = /:(\d+)\/?\s*$/m.exec(output)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    };
    server.stdout.on('data', hear);
    server.stderr.on('data', hear);
    server.on('exit', () =>
      reject(new Error(`The server ended before it listened; npm run build builds it: ${output}`)),
    );
  });
  return { url, said: () => output };
}
