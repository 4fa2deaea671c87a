import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { CommandError } from '../command-error';
import { printable } from '../printable';

/** Where something is served. */
export interface Served {
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface Address {
  readonly host: string;
  readonly port: number;
  /** What to pass to choose another port. */
  readonly option: string;
  /** Take any free port if this one is taken. */
  readonly orAny?: boolean;
}

type Fetch = Parameters<typeof createAdaptorServer>[0]['fetch'];

/** @throws CommandError if the port is taken, or the address is none of this machine's */
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
  if (code === 'EADDRINUSE') return `Port ${port} is taken: pass ${option} with another, or 0 for any that is free.`;
  if (code === 'EACCES') return `Port ${port} may not be used without more rights: pass ${option} with one above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${printable(host, 80)} is no address of this machine.`;
  return `Port ${port} cannot be used: ${printable(message)}.`;
}
