import { runCli } from '../src/cli';
import { Terminal } from '../src/terminal';

/** The output and exit code of a command. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Uint8Array;
  readonly isTTY?: boolean;
  readonly signal?: AbortSignal;
  /** Called with the output as it is printed. */
  readonly onOutput?: (text: string) => void;
}

export const testSecret = 'blue-test-secret-1';

/** Runs the program in this process. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { env = { BLUE_WEBHOOK_SECRET: testSecret }, stdin, isTTY = false, onOutput } = options;
  const printed = { out: '', err: '' };
  const terminal = (stream: 'out' | 'err') => {
    const write = (text: string) => {
      printed[stream] += text;
      onOutput?.(text);
    };
    return new Terminal({ write, isTTY }, env);
  };
  async function* piped() {
    if (stdin !== undefined) yield Buffer.from(stdin);
  }
  const input = Object.assign(piped(), { isTTY: stdin === undefined });
  const signal = options.signal ?? new AbortController().signal;
  const code = await runCli(args, { env, stdin: input, out: terminal('out'), err: terminal('err'), signal }, '1.2.3');
  return { code, ...printed };
}
