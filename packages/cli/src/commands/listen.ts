import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inbox } from '@blue-webhooks/inbox';
import { isLoopback } from '@blue-webhooks/inbox/page';
import { sampleSecret } from '@blue-webhooks/testing';
import { type AddCommand, examples } from '../command';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { tableHead } from '../listen/announcer';
import { type DemoResult, playDemo, startDemoApp } from '../listen/demo';
import { type Listener, startListening } from '../listen/listener';
import { numberOption, portOption, urlOption } from '../options';
import { printable } from '../printable';
import { readSecrets, SECRET_VARIABLE, secretFileOption } from '../secrets';

const PORT = 4041;
const INSPECT_PORT = 4040;
const HOST = '127.0.0.1';
const MAX_MEGABYTES = 1_024;
/** Room for the largest delivery, stored twice. */
const MIN_MEGABYTES = 16;
const MEGABYTE = 2 ** 20;

interface Options {
  readonly secretFile?: readonly string[];
  readonly port?: number;
  readonly host: string;
  readonly forward?: URL;
  readonly inspectPort?: number;
  readonly inspectHost: string;
  readonly db?: string;
  readonly maxSize: number;
  readonly demo?: boolean;
  readonly once?: boolean;
  readonly json?: boolean;
}

/** Receives deliveries, prints, stores and forwards them, and serves the inspector. */
export const addListen: AddCommand = (program, context, end) => {
  program
    .command('listen')
    .summary('Receive deliveries, print and store them, forward them to your app, and serve the inspector.')
    .description(
      `Run a receiver on this machine: point your tunnel, or Blue, at it. Each delivery is verified, printed in one line, stored in an inbox, and acknowledged. The inspector shows them in the browser.`,
    )
    .option('--port <N>', `the port of the receiver; it accepts any path (default ${PORT})`, portOption('port'))
    .option('--host <HOST>', `the address of the receiver (default ${HOST})`)
    .option(
      '--forward <URL>',
      'your app: gets each genuine delivery byte for byte, up to five times',
      urlOption('forward'),
    )
    .option('--inspect-port <N>', `the port of the inspector (default ${INSPECT_PORT})`, portOption('inspect-port'))
    .option(
      '--inspect-host <HOST>',
      `the address of the inspector (default ${HOST}); unauthenticated: exposes deliveries to anyone who can reach it`,
    )
    .option('--db <FILE>', 'store everything in this SQLite file, readable for you only (default: until Ctrl-C)')
    .option(
      '--max-size <N>',
      `delete the oldest deliveries when the file grows beyond N MiB (default ${MAX_MEGABYTES})`,
      numberOption('max-size', { min: MIN_MEGABYTES, max: 1_000_000 }),
    )
    .option('--demo', 'run a simulated Blue and an app; without a secret, with a published one')
    .option('--once', 'with --demo: exit at its end')
    .addOption(secretFileOption())
    .option('--json', 'Print one line of JSON per event.')
    .addHelpText(
      'after',
      examples(
        'listen --forward http://localhost:3000/webhooks/blue',
        'listen --db blue.db --secret-file secret.txt',
        'listen --demo',
      ),
    )
    .action(async (options: Options) =>
      end(await listen({ ...options, host: options.host ?? HOST, inspectHost: options.inspectHost ?? HOST }, context)),
    );
};

async function listen(options: Options, context: Context): Promise<number> {
  const { host, port, inspectHost, inspectPort, db, secretFile, maxSize = MAX_MEGABYTES } = options;
  const { demo = false, once: onceOnly = false, json = false } = options;
  if (onceOnly && !demo) throw new CommandError('--once needs --demo.');
  const configured = (secretFile ?? []).length > 0 || context.env[SECRET_VARIABLE] !== undefined;
  const secrets =
    demo && !configured ? [{ id: 'sampleSecret', secret: sampleSecret }] : await readSecrets(secretFile, context);
  const app = demo && options.forward === undefined ? await startDemoApp() : undefined;
  try {
    const forward = options.forward ?? app?.url;
    const receive = { host, port: port ?? PORT, option: '--port', orAny: demo && port === undefined };
    const inspect = {
      host: inspectHost,
      port: inspectPort ?? INSPECT_PORT,
      option: '--inspect-port',
      orAny: demo && inspectPort === undefined,
    };
    const stored = { path: db, maxBytes: maxSize * MEGABYTE };
    const listener = await startListening({ secrets, receive, inspect, forward, ...stored, json }, context);
    try {
      greet(listener, { forward, db, json, demo, inspectHost }, context);
      if (demo) return await runDemo(listener, secrets[0]?.secret ?? '', onceOnly, json, context);
      await aborted(context.signal);
      return 0;
    } finally {
      await listener.stop();
    }
  } finally {
    await app?.close();
  }
}

function greet(
  { url, inspectorUrl }: Listener,
  {
    forward,
    db,
    json,
    demo,
    inspectHost,
  }: {
    readonly forward: URL | undefined;
    readonly db: string | undefined;
    readonly json: boolean;
    readonly demo: boolean;
    readonly inspectHost: string;
  },
  { out, err }: Context,
): void {
  if (json) {
    out.jsonLine({ type: 'listening', url, inspectorUrl });
    return;
  }
  const line = (what: string, is: string) => out.line(`${out.paint('bold', what.padEnd(11))}${is}`);
  line('Receiver', url);
  line('Inspector', out.paint('blue', inspectorUrl));
  const app = forward ? printable(forward.href, 200) : 'none: pass --forward URL to forward deliveries';
  line('Your app', demo && forward ? `${app} (part of the demo unless you pass --forward)` : app);
  line('Stored', db === undefined ? 'until Ctrl-C: pass --db FILE to keep deliveries' : `in ${printable(db)}`);
  if (!isLoopback(inspectHost)) {
    err.line(
      err.paint('yellow', 'The inspector is unauthenticated: it exposes deliveries to anyone who can reach it.'),
    );
  }
  out.line(out.paint('dim', 'Press Ctrl-C to stop.'));
  out.line();
  out.line(out.paint('dim', tableHead()));
}

const FIRST = { events: 45, everyMs: 150 };
const LATER = { events: 200, everyMs: 3_000 };

/** Sends a first batch of events; then, without `--once`, more of them at a slower pace until Ctrl-C. */
async function runDemo(
  { url, inspectorUrl, inbox }: Listener,
  secret: string,
  onceOnly: boolean,
  json: boolean,
  context: Context,
): Promise<number> {
  const { out, signal } = context;
  const result = await playDemo({ url, secret, signal, seed: 1, ...FIRST });
  await idle(inbox, signal);
  if (!signal.aborted && !json) {
    const { delivered, genuine, forged, refused } = result;
    out.line(`\n${delivered} of ${genuine} genuine events accepted, ${refused} of ${forged} forgeries refused.`);
  }
  if (onceOnly) return signal.aborted || isRight(result) ? 0 : 1;
  if (!signal.aborted && !json)
    out.line(
      `Open the inspector: ${out.paint('blue', inspectorUrl)}. The simulated Blue continues at a slower pace.\n`,
    );
  for (let seed = 2; !signal.aborted; seed++) {
    await Promise.race([playDemo({ url, secret, signal, seed, ...LATER }), aborted(signal)]);
  }
  return 0;
}

const isRight = ({ genuine, delivered, forged, refused }: DemoResult) => delivered === genuine && refused === forged;

const IDLE_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** Resolves when the inbox has handled what it has. */
async function idle(inbox: Inbox, signal: AbortSignal): Promise<void> {
  const giveUpAt = performance.now() + IDLE_WITHIN_MS;
  while (!signal.aborted && performance.now() < giveUpAt) {
    const { waiting, held, active } = await inbox.stats();
    if (waiting + held + active === 0) return;
    await sleep(LOOK_EVERY_MS);
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
