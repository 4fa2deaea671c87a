import { type SpawnOptions, spawn } from 'node:child_process';

/** A process of a test's, which does not outlive it. */
export interface Server {
  readonly pid: number | undefined;
  /** Whether it has ended by itself. */
  readonly ended: boolean;
  /** Sends the signal. */
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal, and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export function startServer(command: string, args: readonly string[], options: SpawnOptions = {}): Server {
  const child = spawn(command, args, { stdio: 'ignore', ...options });
  const killIt = () => void child.kill('SIGKILL');
  process.once('exit', killIt);
  const exit = new Promise<void>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => resolve());
  });
  let ended = false;
  void exit.then(() => {
    ended = true;
    process.off('exit', killIt);
  });
  return {
    pid: child.pid,
    get ended() {
      return ended;
    },
    signal: (signal) => void child.kill(signal),
    async kill(signal) {
      child.kill(signal);
      await exit;
    },
  };
}
