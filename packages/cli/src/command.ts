import type { Context } from './context';

/** One of the program's commands. */
export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What `--help` prints: usage, options, examples. */
  readonly help: string;
  /**
   * Runs it: 0 if all is well, 1 if what it looked at is not.
   * @throws CommandError for wrong input
   */
  run(args: readonly string[], context: Context): Promise<number>;
}
