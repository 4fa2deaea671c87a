import { isLoopback } from '@blue-webhooks/inbox/page';
import { type AddCommand, examples } from '../command';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { numberOption, urlOption } from '../options';
import { readSecrets, secretFileOption } from '../secrets';
import { sendAsBlue } from '../send/as-blue';
import { namedDelivery, type Sendable, scenarioOf } from '../send/deliveries';
import { type Sending, sendEach } from '../send/send-each';

const INTERRUPTED = 130;

interface Options {
  readonly secretFile?: readonly string[];
  readonly to?: URL;
  readonly scenario?: string;
  readonly seed?: number;
  readonly times?: number;
  readonly rate?: number;
  readonly tamper?: boolean;
  readonly asBlue?: boolean;
  readonly skipPauses?: boolean;
  readonly allowRemote?: boolean;
  readonly json?: boolean;
}

/** Sends deliveries, once each or as Blue would. */
export const addSend: AddCommand = (program, context, end) => {
  program
    .command('send')
    .summary('Send signed deliveries to your endpoint, once each or as Blue would.')
    .description(
      `Send an event, the bytes of a file, or a working day of events, and print each attempt with its response. Exits with 0 if every delivery was accepted (with --tamper: refused).`,
    )
    .usage(
      'EVENT|FILE.json --to URL [options]\n       blue-webhooks send --scenario day-in-a-workspace --to URL [options]',
    )
    .argument('[EVENT|FILE]', "the name of an event, or a file whose bytes are the body ('-' for standard input)")
    .option('--to <URL>', 'your endpoint', urlOption('to'))
    .option('--scenario <NAME>', 'a working day of a workspace: about 200 consistent events')
    .option('--seed <N>', 'generate a different day (default 1)', numberOption('seed', { min: 0, max: 2 ** 31 }))
    .option(
      '--times <N>',
      'send N deliveries, or N days of a scenario (default 1); an event is generated again each time, the bytes of a file stay the same',
      numberOption('times', { min: 1, max: 1_000_000 }),
    )
    .option(
      '--rate <N>',
      'N per second (default: one after the other)',
      numberOption('rate', { min: 0.01, max: 10_000, integer: false }),
    )
    .option('--tamper', 'change one byte after signing: your endpoint must refuse the delivery')
    .option(
      '--as-blue',
      'deliver as Blue does: after 5 seconds, with 7 seconds for each response, in up to 5 attempts with growing waits; the fifth failure of one delivery disables the webhook',
    )
    .option('--skip-pauses', 'with --as-blue: skip the waits')
    .option('--allow-remote', 'allow an endpoint on another machine')
    .addOption(secretFileOption())
    .option('--json', 'Print one line of JSON per attempt.')
    .addHelpText(
      'after',
      examples(
        'send TODO_MOVED --to http://localhost:3000/webhooks/blue',
        'send COMMENT_CREATED --to http://localhost:3000/webhooks/blue --as-blue',
        'send --scenario day-in-a-workspace --rate 20 --to http://localhost:3000/webhooks/blue',
      ),
    )
    .action(async (name: string | undefined, options: Options) => end(await send(name, options, context)));
};

async function send(name: string | undefined, options: Options, context: Context): Promise<number> {
  const { to: url, scenario, times = 1, rate, seed = 1, tamper = false, json = false, skipPauses = false } = options;
  if (url === undefined) throw new CommandError('send needs --to URL, the address of your endpoint.');
  if ((name === undefined) === (scenario === undefined)) {
    throw new CommandError('send needs one of EVENT, FILE.json or --scenario NAME.');
  }
  if (skipPauses && !options.asBlue) throw new CommandError('--skip-pauses needs --as-blue.');
  if (!isLoopback(url.hostname) && !options.allowRemote) {
    throw new CommandError(`${url.hostname} is not this machine: pass --allow-remote if that endpoint is yours.`);
  }
  const [{ secret }] = await readSecrets(options.secretFile, context);
  const deliveries =
    scenario === undefined ? await namedDelivery(name ?? '', times, context) : scenarioOf(scenario, times, seed);
  const sending: Sending = { url, secret, rate, tamper, json };
  const right = options.asBlue
    ? await asBlue(deliveries, sending, skipPauses, context)
    : await onceEach(deliveries, sending, context);
  if (context.signal.aborted) return INTERRUPTED;
  return right ? 0 : 1;
}

async function onceEach(deliveries: Iterable<Sendable>, sending: Sending, context: Context): Promise<boolean> {
  const { right, wrong } = await sendEach(deliveries, sending, context);
  const word = sending.tamper ? 'refused' : 'accepted';
  if (right + wrong > 1) context.err.line(`${right} of ${right + wrong} ${word}.`);
  if (sending.tamper && wrong > 0 && !context.signal.aborted) {
    context.err.line("The endpoint accepts tampered deliveries: 'blue-webhooks doctor --url' explains its responses.");
  }
  return wrong === 0;
}

async function asBlue(
  deliveries: Iterable<Sendable>,
  sending: Sending,
  skipPauses: boolean,
  context: Context,
): Promise<boolean> {
  const { err } = context;
  if (!skipPauses && !sending.json) err.line('The first attempt is made after 5 seconds, as Blue does.');
  const { blue, attempts } = await sendAsBlue(deliveries, sending, skipPauses, context);
  const { delivered, failed, dropped, missed } = blue.report.counts;
  const counts = Object.entries({ delivered, failed, dropped, missed }).filter(([, count]) => count > 0);
  const webhook = blue.webhook.enabled
    ? err.paint('green', 'the webhook stays enabled')
    : err.paint('red', 'the webhook is disabled');
  const summary = counts.map(([word, count]) => `${count} ${word}`).join(', ') || 'nothing sent';
  err.line(`${summary} in ${attempts} attempts; ${context.signal.aborted ? 'interrupted' : webhook}.`);
  if (failed > 0) {
    err.line(
      'Blue disables a webhook after five failures of one delivery: it e-mails its creator, and sends nothing until the',
    );
    err.line(
      'webhook is enabled again. @blue-webhooks/inbox acknowledges before your handlers run, which prevents this.',
    );
  }
  return failed + dropped + missed === 0;
}
