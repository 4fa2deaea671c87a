import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Leads new connections to another port of this machine; those that are open stay where they are. */
  switchTo(port: number): void;
  /** Ends all connections. */
  cut(): void;
  /** Called with everything that a client sends; a connection for which it returns `false` ends without an answer. */
  onData: (chunk: Buffer) => boolean;
  stop(): Promise<void>;
}

/** A relay in front of a server of this machine, which can be moved to another while connections are open. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  let port = target;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    upstream.pipe(client);
    client.on('data', (chunk) => {
      if (proxy.onData(chunk)) upstream.write(chunk);
      else client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const proxy: TcpProxy = {
    port: (server.address() as AddressInfo).port,
    switchTo(other) {
      port = other;
    },
    cut,
    onData: () => true,
    async stop() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
