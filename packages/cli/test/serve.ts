import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as it arrived. */
export interface Arrived {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** Starts a server on this machine, which is closed after the test. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/blue`;
}

/** Starts an app that records requests and responds with the given status. */
export async function serveApp(statusFor: (arrived: Arrived, place: number) => number = () => 204) {
  const arrived: Arrived[] = [];
  const waiting: (() => void)[] = [];
  const url = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { headers, rawHeaders, url: path = '' } = request;
    const one = { path, headers, rawHeaders, body: Buffer.concat(chunks) };
    arrived.push(one);
    response.writeHead(statusFor(one, arrived.length - 1)).end();
    for (const wake of waiting.splice(0)) wake();
  });
  /** Resolves when this many requests have arrived. */
  async function count(wanted: number): Promise<void> {
    while (arrived.length < wanted) await new Promise<void>((resolve) => waiting.push(resolve));
  }
  return { url, arrived, count };
}
