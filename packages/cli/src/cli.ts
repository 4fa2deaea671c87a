import type { Command } from './command';
import { CommandError } from './command-error';
import { doctorCommand } from './commands/doctor';
import { eventsCommand } from './commands/events';
import { inboxCommand } from './commands/inbox';
import { listenCommand } from './commands/listen';
import { sendCommand } from './commands/send';
import { signCommand } from './commands/sign';
import { verifyCommand } from './commands/verify';
import type { Context } from './context';
import { didYouMean } from './nearest';
import { printable } from './printable';

const commands: readonly Command[] = [
  listenCommand,
  sendCommand,
  signCommand,
  verifyCommand,
  doctorCommand,
  eventsCommand,
  inboxCommand,
];

const help = `Blue's webhooks on your machine: see them arrive, send them, learn why one is refused.

Usage: blue-webhooks COMMAND [options]

${commands.map(({ name, summary }) => `  ${name.padEnd(9)} ${summary}`).join('\n')}

'blue-webhooks COMMAND --help' tells more, with examples. The webhook's secret comes from the environment variable
BLUE_WEBHOOK_SECRET or from --secret-file, and is never printed.`;

const OK = 0;
/** Something is wrong with what was looked at. */
const NOT_OK = 1;
/** The command could not do its work. */
const FAILED = 2;

/** Runs what was typed, and returns the exit code: 0, 1 if what was looked at is not right, 2 for wrong input. Never rejects. */
export async function runCli(args: readonly string[], context: Context, version: string): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const command = commands.find((known) => known.name === rest[0]);
    context.out.line(command?.help ?? help);
    return name === undefined ? FAILED : OK;
  }
  if (name === '--version' || name === '-v') {
    context.out.line(version);
    return OK;
  }
  try {
    const command = commandOf(name);
    if (!asksForHelp(rest)) return await command.run(rest, context);
    context.out.line(command.help);
    return OK;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const text = error instanceof CommandError ? message : `That should not have happened: ${printable(message, 500)}`;
    context.err.line(`${context.err.paint('red', 'blue-webhooks:')} ${text}`);
    return error instanceof CommandError ? error.exitCode : NOT_OK;
  }
}

function commandOf(name: string): Command {
  const command = commands.find((known) => known.name === name);
  if (command) return command;
  const names = commands.map((known) => known.name);
  const hint = didYouMean(name, names) || ' See blue-webhooks --help.';
  throw new CommandError(`There is no command '${printable(name, 60)}'.${hint}`);
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? args.length : end).some((arg) => arg === '--help' || arg === '-h');
}
