import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inbox } from '@blue-webhooks/inbox';
import { sampleSecret } from '@blue-webhooks/testing';
import type { Command } from '../command';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { tableHead } from '../listen/announcer';
import { type DemoResult, playDemo, startDemoApp } from '../listen/demo';
import { type Listener, startListening } from '../listen/listener';
import { isLoopback } from '../loopback';
import { numberOf, parseOptions, portOf, urlOf } from '../options';
import { printable } from '../printable';
import { readSecrets, SECRET_VARIABLE, secretHelp, secretOption } from '../secrets';

const PORT = 4041;
const INSPECT_PORT = 4040;
const HOST = '127.0.0.1';
const MAX_MEGABYTES = 1_024;
/** Room for the largest delivery, kept twice. */
const MIN_MEGABYTES = 16;
const MEGABYTE = 2 ** 20;

const options = {
  ...secretOption,
  port: { type: 'string' },
  host: { type: 'string' },
  forward: { type: 'string' },
  'inspect-port': { type: 'string' },
  'inspect-host': { type: 'string' },
  db: { type: 'string' },
  'max-size': { type: 'string' },
  demo: { type: 'boolean' },
  once: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** Receives deliveries, shows each, keeps it, passes it on, and serves the inspector. */
export const listenCommand: Command = {
  name: 'listen',
  summary: 'receive deliveries, show and keep them, pass them on; with the inspector in the browser',
  help: `Usage: blue-webhooks listen [options]

A receiver on this machine: point your tunnel, or Blue, at it. Verifies each delivery, shows it in one line, keeps it in an
inbox, and answers. The inspector shows it all in the browser.

  --port N            where to receive (${PORT}; any path will do)
  --host HOST         the address to receive at (${HOST})
  --forward URL       your app: gets what is genuine, to the byte and with the original headers, up to five times
  --inspect-port N    where the inspector is (${INSPECT_PORT})
  --inspect-host HOST the address of the inspector (${HOST}); it has no login, so think twice
  --db FILE           keep everything in this SQLite file, readable for you only; without it, until Ctrl-C
  --max-size N        delete the oldest deliveries when the file grows beyond N megabytes (default ${MAX_MEGABYTES})
  --demo              let a simulated Blue send something, and an app answer; without a secret, with a published one
  --once              with --demo: end when it has played
${secretHelp}
  --json              one line of JSON for each thing that happens

Examples:
  blue-webhooks listen --forward http://localhost:4000/webhooks/blue
  blue-webhooks listen --db blue.db --secret-file secret.txt
  blue-webhooks listen --demo`,
  async run(args, context) {
    const { values } = parseOptions('listen', args, options);
    const { demo = false, json = false, db, host = HOST } = values;
    const inspectHost = values['inspect-host'] ?? HOST;
    if (values.once && !demo) throw new CommandError('--once goes with --demo.');
    const port = portOf('port', values.port);
    const inspectPort = portOf('inspect-port', values['inspect-port']);
    const maxSize = numberOf('max-size', values['max-size'], { min: MIN_MEGABYTES, max: 1_000_000 }) ?? MAX_MEGABYTES;
    const named = values.forward === undefined ? undefined : urlOf('--forward', values.forward);
    const configured = (values['secret-file'] ?? []).length > 0 || context.env[SECRET_VARIABLE] !== undefined;
    const secrets =
      demo && !configured
        ? [{ id: 'sampleSecret', secret: sampleSecret }]
        : await readSecrets(values['secret-file'], context);
    const app = demo && named === undefined ? await startDemoApp() : undefined;
    try {
      const forward = named ?? app?.url;
      const receive = { host, port: port ?? PORT, option: '--port', orAny: demo && port === undefined };
      const inspect = {
        ...{ host: inspectHost, port: inspectPort ?? INSPECT_PORT, option: '--inspect-port' },
        orAny: demo && inspectPort === undefined,
      };
      const kept = { path: db, maxBytes: maxSize * MEGABYTE };
      const listener = await startListening({ secrets, receive, inspect, forward, ...kept, json }, context);
      try {
        greet(listener, { forward, db, json, demo, inspectHost }, context);
        if (!demo) {
          await aborted(context.signal);
          return 0;
        }
        return await runDemo(listener, secrets[0]?.secret ?? '', values.once ?? false, json, context);
      } finally {
        await listener.stop();
      }
    } finally {
      await app?.close();
    }
  },
};

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
  const app = forward ? printable(forward.href, 200) : 'none: pass --forward URL to have deliveries passed on';
  line('Your app', demo && forward ? `${app} (part of the demo unless you pass --forward)` : app);
  line('Kept', db === undefined ? 'until this ends: pass --db FILE to keep it for longer' : `in ${printable(db)}`);
  if (!isLoopback(inspectHost)) {
    err.line(err.paint('yellow', 'The inspector can be reached from other machines, and it has no login.'));
  }
  out.line(out.paint('dim', 'Ctrl-C ends it.'));
  out.line();
  out.line(out.paint('dim', tableHead()));
}

const FIRST = { events: 45, everyMs: 150 };
const LATER = { events: 200, everyMs: 3_000 };

/** Plays a first act at once; unless that is all, Blue goes on at a slower pace until Ctrl-C. */
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
    out.line(`Look at them: ${out.paint('blue', inspectorUrl)}. Blue goes on, more slowly.\n`);
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
