import type { Terminal } from './terminal';

/** What a command has of the world around it. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean | undefined };
  /** For results. */
  readonly out: Terminal;
  /** For notes beside the results. */
  readonly err: Terminal;
  /** Aborts at Ctrl-C: end what is under way, and say what was done. */
  readonly signal: AbortSignal;
}
