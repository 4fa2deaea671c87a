import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBlueSimulator, fixtures, oddities, scenario, signedDelivery } from '@blue-webhooks/testing';
import { tampered } from '../send/tamper';

/** Starts an app to forward deliveries to. It fails the first time for each comment, which shows a retry. */
export async function startDemoApp(): Promise<{ readonly url: URL; close(): Promise<void> }> {
  const seen = new Set<string>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const id = String(request.headers['x-signature']);
    const fails = Buffer.concat(chunks).includes('"event":"COMMENT_CREATED"') && !seen.has(id);
    seen.add(id);
    if (fails) response.writeHead(500, { 'content-type': 'text/plain' }).end('The database was busy.\n');
    else response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/blue`),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the demo sent, and how many responses were right. */
export interface DemoResult {
  readonly genuine: number;
  readonly delivered: number;
  readonly forged: number;
  readonly refused: number;
}

export interface DemoOptions {
  readonly url: string;
  readonly secret: string;
  readonly signal: AbortSignal;
  /** The number of events, and the time between them in milliseconds. */
  readonly events: number;
  readonly everyMs: number;
  readonly seed: number;
}

const FORGE_EVERY = 9;

/** Runs a simulated Blue: genuine deliveries, duplicates, an unknown event, drift, and forgeries. */
export async function playDemo({ url, secret, signal, events, everyMs, seed }: DemoOptions): Promise<DemoResult> {
  const blue = createBlueSimulator({ url, secret, delayMs: everyMs, duplicateRate: 0.1 });
  const stop = () => void blue.disable();
  signal.addEventListener('abort', stop, { once: true });
  const forged: Promise<number>[] = [];
  await blue.enable();
  const oddOnes = [oddities.unknownEvent(), oddities.driftedField('TODO_MOVED'), fixtures.RECORD_CREATED];
  await blue.play(steps());
  signal.removeEventListener('abort', stop);
  const { delivered, failed, dropped, missed } = blue.report.counts;
  const answers = await Promise.all(forged);
  const refused = answers.filter((status) => status === 401).length;
  return { genuine: delivered + failed + dropped + missed, delivered, forged: forged.length, refused };

  function* steps() {
    let place = 0;
    for (const { payload } of scenario({ seed, records: Math.ceil(events / 10) })) {
      if (signal.aborted || place >= events) return;
      yield { atMs: place * everyMs, payload: place % FORGE_EVERY === 4 ? (oddOnes.pop() ?? payload) : payload };
      if (place % FORGE_EVERY === FORGE_EVERY - 1) forged.push(forge(url, payload, secret, place));
      place += 1;
    }
  }
}

/** Sends a delivery with a byte changed, with another one's signature, or without a signature. */
async function forge(url: string, payload: object, secret: string, place: number): Promise<number> {
  const { body, headers } = await signedDelivery(payload, { secret });
  const { 'x-signature': signature, ...unsigned } = headers;
  const another = (await signedDelivery('TODO_CREATED', { secret })).headers;
  const [sent, sentHeaders] = [
    [tampered(body), { ...unsigned, 'x-signature': signature }],
    [body, another],
    [body, unsigned],
  ][Math.floor(place / FORGE_EVERY) % 3] as [Uint8Array<ArrayBuffer>, Record<string, string>];
  const { status } = await fetch(url, { method: 'POST', body: sent, headers: sentHeaders }).catch(() => ({
    status: 0,
  }));
  return status;
}
