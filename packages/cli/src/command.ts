import type { Command } from 'commander';
import type { Context } from './context';

/**
 * Adds a command to the program. `end` is called with its exit code: 0 if all is well, 1 if what it examined is not right. Its
 * action throws a `CommandError` for invalid input.
 */
export type AddCommand = (program: Command, context: Context, end: (code: number) => void) => void;

/** Formats examples for the end of a command's help. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  blue-webhooks ${line}`).join('\n')}`;
