import { connect } from 'node:net';
import { samples } from '@blue-webhooks/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningReceiver, startReceivers } from '../src/receivers';

const { body, signature } = samples.TODO_DONE_STATUS_UPDATED;
const genuine = (version = '1.1', more = '', close = true) =>
  `POST /webhooks/blue HTTP/${version}\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Signature: ${signature}\r\n` +
  `Content-Length: ${Buffer.byteLength(body)}\r\n${close ? 'Connection: close\r\n' : ''}${more}\r\n`;

/** Sends bytes as they are, and returns everything received until the server closes the connection. */
function exchange(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text;
      // After 100 Continue, the server waits for the body.
      if (received === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write(body);
    });
    socket.on('error', reject).on('close', () => resolve(received));
  });
}

const statuses = (received: string) =>
  [...received.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(([, status]) => Number(status));

describe.each(['Express', 'Hono', 'Fetch', 'Lambda'])('raw HTTP to %s', (name) => {
  let url = '';
  let runs: string[] = [];
  let receivers: RunningReceiver[] = [];
  beforeAll(async () => {
    receivers = await startReceivers(undefined, (receiver, { event }) => receiver === name && runs.push(event.event));
    url = receivers.find((receiver) => receiver.name === name)?.url ?? '';
  });
  afterAll(async () => void (await Promise.all(receivers.map((receiver) => receiver.close()))));

  const sent = async (bytes: string) => {
    runs = [];
    return { statuses: statuses(await exchange(url, bytes)), runs: runs.length };
  };

  test('HTTP/1.0 is served', async () => {
    expect(await sent(genuine('1.0') + body)).toEqual({ statuses: [204], runs: 1 });
  });

  test('Expect: 100-continue is answered before the body is read', async () => {
    expect(await sent(genuine('1.1', 'Expect: 100-continue\r\n'))).toEqual({ statuses: [100, 204], runs: 1 });
  });

  test('pipelined requests are answered in order', async () => {
    const forged = genuine('1.1', '', false).replace(signature, 'f'.repeat(64));
    const requests = [genuine('1.1', '', false), forged, genuine()].map((head) => head + body).join('');
    expect(await sent(requests)).toEqual({ statuses: [204, 401, 204], runs: 2 });
  });

  test('a repeated signature header is refused, whether or not the values are equal', async () => {
    expect(await sent(genuine('1.1', `X-Signature: ${signature}\r\n`) + body)).toEqual({ statuses: [401], runs: 0 });
  });

  test('a request with both Content-Length and chunked encoding is refused before anything is handled', async () => {
    expect(await sent(`${genuine('1.1', 'Transfer-Encoding: chunked\r\n')}0\r\n\r\n`)).toEqual({
      statuses: [400],
      runs: 0,
    });
  });
});
