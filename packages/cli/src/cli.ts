import { Command, CommanderError } from 'commander';
import { CommandError } from './command-error';
import { addCatchUp } from './commands/catch-up';
import { addDoctor } from './commands/doctor';
import { addEvents } from './commands/events';
import { addInbox } from './commands/inbox';
import { addListen } from './commands/listen';
import { addSend } from './commands/send';
import { addSign } from './commands/sign';
import { addVerify } from './commands/verify';
import { addWatch } from './commands/watch';
import { addWebhook } from './commands/webhook';
import type { Context } from './context';
import { printable } from './printable';

const commands = [
  ...[addListen, addSend, addSign, addVerify, addDoctor, addEvents, addInbox],
  ...[addWebhook, addWatch, addCatchUp],
];

const OK = 0;
/** What the command examined is not right. */
const NOT_OK = 1;
/** The command could not do its work. */
const FAILED = 2;

/** Runs a command line and returns its exit code: 0, 1 if what it examined is not right, 2 for invalid input. Never rejects. */
export async function runCli(args: readonly string[], context: Context, version: string): Promise<number> {
  let code = OK;
  try {
    const program = createProgram(context, version, (result) => {
      code = result;
    });
    if (args.length === 0) {
      context.out.line(program.helpInformation().trimEnd());
      return FAILED;
    }
    await program.parseAsync(commandLine(args), { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return OK; // help, version
    const { text, exitCode } = explained(error);
    context.err.line(`${context.err.paint('red', 'blue-webhooks:')} ${text}`);
    return exitCode;
  }
}

function createProgram(context: Context, version: string, end: (code: number) => void): Command {
  const program = new Command('blue-webhooks')
    .description('Receive, send and verify Blue webhooks on your machine, and find out why one is refused.')
    .version(version, '-v, --version', 'Print the version.')
    .usage('COMMAND [options]')
    .helpOption('-h, --help', 'Print this help.')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.out.line(text.trimEnd()), writeErr: () => {} })
    .configureHelp({
      optionTerm: ({ flags }) => plain(flags),
      subcommandTerm: (command) => command.name(),
      helpWidth: 120,
    })
    .addHelpText(
      'after',
      `
'blue-webhooks COMMAND --help' prints the options and examples of a command. The webhook's secret comes from the environment
variable BLUE_WEBHOOK_SECRET or from --secret-file, and is never printed. The API token comes from BLUE_TOKEN_ID and
BLUE_TOKEN_SECRET or from --token-file.`,
    );
  for (const add of commands) add(program, context, end);
  for (const command of program.commands) {
    const names = command.registeredArguments;
    command.allowExcessArguments().hook('preAction', ({ args }) => {
      const surplus = names.at(-1)?.variadic ? undefined : args[names.length];
      if (surplus === undefined) return;
      throw new CommandError(`Unexpected argument '${surplus}'. See blue-webhooks ${command.name()} --help.`);
    });
  }
  return program;
}

/** `help COMMAND` is `COMMAND --help`. */
function commandLine([first, second, ...rest]: readonly string[]): string[] {
  if (first === 'help') return [...(second === undefined ? [] : [second]), '--help'];
  return [first, second, ...rest].filter((arg) => arg !== undefined);
}

/** Commander marks what follows an option with brackets; here a placeholder is in capitals. */
const plain = (flags: string) => flags.replace(/[<>]/g, '');

function explained(error: unknown): { readonly text: string; readonly exitCode: number } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof CommandError) return { text: printable(message, 1_000), exitCode: error.exitCode };
  if (!(error instanceof CommanderError))
    return { text: `Unexpected error: ${printable(message, 500)}`, exitCode: NOT_OK };
  const [first = '', hint = ''] = plain(message)
    .replace(/^error: /, '')
    .split('\n(');
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1)}`.replace(/[.?]?$/, '.');
  const more = hint === '' ? ' See blue-webhooks --help.' : ` ${hint.replace(/\)$/, '')}`;
  return { text: printable(sentence + more, 500), exitCode: FAILED };
}
