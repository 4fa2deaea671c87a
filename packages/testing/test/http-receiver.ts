import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DeliveryHandler } from '@blue-webhooks/core';
import { onTestFinished } from 'vitest';

/** A request that arrived, in the bytes in which it did. */
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

/** Answers with a status, or with one after the other, the last of them for good. */
export const answer =
  (...statuses: number[]): Respond =>
  (_arrived, response, place) =>
    response.writeHead(statuses[Math.min(place, statuses.length) - 1] as number).end();

/** Answers as a receiver of ours does. */
export const handledBy =
  (handler: DeliveryHandler): Respond =>
  async ({ body, headers, method = '' }, response) => {
    const outcome = await handler.handle({ method, header: (name) => headers[name], body });
    response.writeHead(outcome.status, { ...outcome.headers }).end(outcome.body);
  };

/** Never answers. */
export const hang: Respond = () => {};
