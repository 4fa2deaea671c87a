import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { CommandError } from '../command-error';
import { printable } from '../printable';

/** A running server. */
export interface Served {
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface Address {
  readonly host: string;
  readonly port: number;
  /** The option that chooses another port. */
  readonly option: string;
  /** Whether to use any free port if this one is in use. */
  readonly orAny?: boolean;
}

type Fetch = Parameters<typeof createAdaptorServer>[0]['fetch'];

/**
 * Serves a handler.
 * @throws CommandError if the port is in use, or the address does not belong to this machine
 */
export async function serve(fetch: Fetch, { host, port, option, orAny = false }: Address): Promise<Served> {
  const server = createAdaptorServer({ fetch });
  const listen = (on: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(on, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(port).catch((error: NodeJS.ErrnoException) => {
    if (orAny && error.code === 'EADDRINUSE') return listen(0);
    throw new CommandError(whyNot(error, host, port, option));
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function whyNot({ code, message }: NodeJS.ErrnoException, host: string, port: number, option: string): string {
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use: pass ${option} N with another port, or 0 for any free port.`;
  if (code === 'EACCES') return `Port ${port} requires privileges: pass ${option} N with a port above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${printable(host, 80)} is not an address of this machine.`;
  return `Port ${port} cannot be used: ${printable(message)}.`;
}
