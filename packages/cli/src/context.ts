import type { Terminal } from './terminal';

/** What a command reads from and writes to. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean | undefined };
  /** For results. */
  readonly out: Terminal;
  /** For notes and errors. */
  readonly err: Terminal;
  /** Aborts on Ctrl-C: stop the work in progress and print what was done. */
  readonly signal: AbortSignal;
}
