import type { IncomingMessage, ServerResponse } from 'node:http';

/** Computed, so that a bundler for a runtime without `node:http` does not resolve it. */
const HTTP = ['node', 'http'].join(':');

/** A server that passes its requests to a `fetch`. */
export interface ApiServer {
  /** The URL at which it listens, such as `http://127.0.0.1:53124/graphql`. */
  readonly url: string;
  /** Closes the server and its connections. */
  close(): Promise<void>;
}

/** Serves a `fetch` over HTTP, on this machine only. A `fetch` that rejects breaks the connection. Needs `node:http`. */
export async function listen(fetch: (request: Request) => Promise<Response>, port: number): Promise<ApiServer> {
  const { createServer } = (await import(HTTP)) as typeof import('node:http');
  const server = createServer((incoming, outgoing) => {
    exchange(fetch, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : port}/graphql`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function exchange(
  fetch: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { method = 'GET', headers, url = '/' } = incoming;
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) if (typeof value === 'string') sent.set(name, value);
  const body =
    method === 'GET' || method === 'HEAD' ? null : new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
  const response = await fetch(new Request(new URL(url, 'http://localhost'), { method, headers: sent, body }));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.text());
}
