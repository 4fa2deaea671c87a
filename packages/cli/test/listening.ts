import { createHmac } from 'node:crypto';
import { createConnection } from 'node:net';
import { onTestFinished } from 'vitest';
import { type ListenOptions, startListening } from '../src/listen/listener';
import { Terminal } from '../src/terminal';
import { testSecret } from './run';

/** Starts a listener on free ports, which is stopped after the test. */
export async function listening(options: Partial<ListenOptions> = {}) {
  const lines: string[] = [];
  const out = new Terminal({ write: (text) => lines.push(text) }, {});
  const nobody = (async function* () {})();
  const signal = new AbortController().signal;
  const address = (option: string) => ({ host: '127.0.0.1', port: 0, option });
  const listener = await startListening(
    {
      secrets: [{ id: 'test', secret: testSecret }],
      receive: address('--port'),
      inspect: address('--inspect-port'),
      forward: undefined,
      path: undefined,
      json: false,
      ...options,
    },
    { env: {}, stdin: nobody, out, err: out, signal },
  );
  onTestFinished(() => listener.stop());
  return { ...listener, lines };
}

export const macOf = (body: string | Uint8Array, secret = testSecret) =>
  createHmac('sha256', secret).update(body).digest('hex');

/** Posts a signed body, or one with other headers. Returns the status. */
export async function deliver(url: string, payload: object | string, headers: Record<string, string> = {}) {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const signed = { 'content-type': 'application/json', 'x-signature': macOf(body), ...headers };
  return (await fetch(url, { method: 'POST', body, headers: signed })).status;
}

/** Sends a raw request, since fetch does not allow setting Host or Origin. Returns the status and the whole response. */
export function rawRequest(origin: string, head: string): Promise<{ status: number; answer: string }> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = createConnection(Number(port), hostname, () => socket.write(`${head}\r\nConnection: close\r\n\r\n`));
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]), answer }));
  });
}
