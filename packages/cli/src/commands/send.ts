import type { Command } from '../command';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { isLoopback } from '../loopback';
import { numberOf, parseOptions, urlOf } from '../options';
import { readSecrets, secretHelp, secretOption } from '../secrets';
import { sendAsBlue } from '../send/as-blue';
import { type Sending, sendAtOnce } from '../send/at-once';
import { namedDelivery, type Sendable, scenarioOf } from '../send/deliveries';

const INTERRUPTED = 130;

const options = {
  ...secretOption,
  to: { type: 'string' },
  scenario: { type: 'string' },
  seed: { type: 'string' },
  times: { type: 'string' },
  rate: { type: 'string' },
  tamper: { type: 'boolean' },
  'as-blue': { type: 'boolean' },
  'skip-pauses': { type: 'boolean' },
  'allow-remote': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** Sends deliveries, once each or as Blue would. */
export const sendCommand: Command = {
  name: 'send',
  summary: 'send your endpoint signed deliveries, once each or as Blue would',
  help: `Usage: blue-webhooks send EVENT|FILE.json --to URL [options]
       blue-webhooks send --scenario day-in-a-workspace --to URL [options]

Prints each attempt and what came back. Ends with 0 if everything was accepted (with --tamper: refused).

  --to URL            your endpoint
  --scenario NAME     a working day of a workspace: some 200 events that agree with each other
  --seed N            makes up another such day
  --times N           so many deliveries; a scenario lasts so many days. An event is made anew each time, a file's
                      bytes stay the same: your endpoint should know them again
  --rate N            so many a second; one after the other unless told
  --tamper            change a byte after signing: your endpoint must refuse
  --as-blue           first attempt after 5 seconds, 7 seconds for the answer, 5 attempts with growing pauses; the fifth
                      failure of one delivery disables the webhook
  --skip-pauses       with --as-blue: do not sit the pauses out
  --allow-remote      allow an endpoint that is not on this machine
${secretHelp}
  --json              one line of JSON an attempt

Examples:
  blue-webhooks send TODO_MOVED --to http://localhost:3000/webhooks/blue
  blue-webhooks send COMMENT_CREATED --to http://localhost:3000/webhooks/blue --as-blue
  blue-webhooks send --scenario day-in-a-workspace --rate 20 --to http://localhost:3000/webhooks/blue`,
  async run(args, context) {
    const { values, names } = parseOptions('send', args, options, 1);
    const { to, scenario, tamper = false, json = false } = values;
    if (to === undefined) throw new CommandError('send needs --to URL, the address of your endpoint.');
    if ((names[0] === undefined) === (scenario === undefined)) {
      throw new CommandError('send needs one of EVENT, FILE.json or --scenario NAME.');
    }
    if (values['skip-pauses'] && !values['as-blue']) throw new CommandError('--skip-pauses goes with --as-blue.');
    const url = urlOf('--to', to);
    if (!isLoopback(url.hostname) && !values['allow-remote']) {
      throw new CommandError(`${url.hostname} is not this machine: add --allow-remote if that endpoint is yours.`);
    }
    const times = numberOf('times', values.times, { min: 1, max: 1_000_000 }) ?? 1;
    const rate = numberOf('rate', values.rate, { min: 0.01, max: 10_000, whole: false });
    const seed = numberOf('seed', values.seed, { min: 0, max: 2 ** 31 }) ?? 1;
    const [{ secret }] = await readSecrets(values['secret-file'], context);
    const deliveries =
      scenario === undefined
        ? await namedDelivery(names[0] as string, times, context)
        : scenarioOf(scenario, times, seed);
    const sending: Sending = { url, secret, rate, tamper, json };
    const right = values['as-blue']
      ? await asBlue(deliveries, sending, values['skip-pauses'] ?? false, context)
      : await atOnce(deliveries, sending, context);
    if (context.signal.aborted) return INTERRUPTED;
    return right ? 0 : 1;
  },
};

async function atOnce(deliveries: Iterable<Sendable>, sending: Sending, context: Context): Promise<boolean> {
  const { right, wrong } = await sendAtOnce(deliveries, sending, context);
  const word = sending.tamper ? 'refused' : 'accepted';
  if (right + wrong > 1) context.err.line(`${right} of ${right + wrong} ${word}.`);
  if (sending.tamper && wrong > 0 && !context.signal.aborted) {
    context.err.line("The endpoint does not refuse what was tampered with: 'blue-webhooks doctor --url' tells more.");
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
  if (!skipPauses && !sending.json) err.line('As Blue would: the first attempt is made after 5 seconds.');
  const { blue, attempts } = await sendAsBlue(deliveries, sending, skipPauses, context);
  const { delivered, failed, dropped, missed } = blue.report.counts;
  const counts = Object.entries({ delivered, failed, dropped, missed }).filter(([, count]) => count > 0);
  const webhook = blue.webhook.enabled
    ? err.paint('green', 'the webhook stays enabled')
    : err.paint('red', 'the webhook is disabled');
  const summary = counts.map(([word, count]) => `${count} ${word}`).join(', ') || 'nothing sent';
  err.line(`${summary} in ${attempts} attempts; ${context.signal.aborted ? 'called off' : webhook}.`);
  if (failed > 0) {
    err.line(
      'Five failures of one delivery did it. Blue would e-mail whoever created it, and send nothing until it is',
    );
    err.line('enabled again. @blue-webhooks/inbox answers before your handlers run, so that they cannot cause this.');
  }
  return failed + dropped + missed === 0;
}
