import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DeliveryHandler } from '@blue-webhooks/core';
import { onTestFinished } from 'vitest';

/** A received request, with its raw bytes. */
interface Arrived {
  readonly body: Buffer;
  readonly headers: IncomingMessage['headers'];
  readonly method: string | undefined;
}

export type Respond = (arrived: Arrived, response: ServerResponse, place: number) => unknown;

/** A receiver on this machine, over real HTTP, closed when the test is over. */
export interface HttpReceiver {
  readonly url: string;
  readonly arrived: readonly Arrived[];
  readonly server: Server;
  close(): Promise<void>;
}

export async function startReceiver(respond: Respond, { port = 0, keep = true } = {}): Promise<HttpReceiver> {
  const arrived: Arrived[] = [];
  let count = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const one = { body: Buffer.concat(chunks), headers: request.headers, method: request.method };
    if (keep) arrived.push(one);
    respond(one, response, ++count);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/blue`, arrived, server, close };
}

/** Responds with a status, or with a list of them in order, of which the last repeats. */
export const answer =
  (...statuses: number[]): Respond =>
  (_arrived, response, place) =>
    response.writeHead(statuses[Math.min(place, statuses.length) - 1] as number).end();

/** Responds like a receiver of this library. */
export const handledBy =
  (handler: DeliveryHandler): Respond =>
  async ({ body, headers, method = '' }, response) => {
    const outcome = await handler.handle({ method, header: (name) => headers[name], body });
    response.writeHead(outcome.status, { ...outcome.headers }).end(outcome.body);
  };

/** Never responds. */
export const hang: Respond = () => {};
