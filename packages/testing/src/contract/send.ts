import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';

/** A request of the contract, in plain data. */
export interface ContractRequest {
  readonly method: string;
  /** A list sends the header once for each value. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Uint8Array;
  /** Sends the body chunked, in these pieces, instead of with a Content-Length. */
  readonly pieces?: readonly Uint8Array[];
  /** Sends only this number of bytes of the body, … */
  readonly stopAfter?: number;
  /** … and then waits for the response, or closes the connection. */
  readonly ending?: 'wait' | 'cut';
}

/** The response. */
export interface ContractAnswer {
  readonly status: number;
  /** By lowercase name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends a request of the contract over a new connection. Rejects if the connection ends without a response. */
export function sendOverHttp(url: string, request: ContractRequest): Promise<ContractAnswer> {
  return new Promise((resolve, reject) => {
    const { method, body, pieces, stopAfter, ending } = request;
    const length = pieces || body.length === 0 ? {} : { 'content-length': String(body.length) };
    const outgoing = httpRequest(url, { method, headers: { ...request.headers, ...length }, agent: false });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (piece: string) => {
        text += piece;
      });
      incoming.on('error', reject);
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode as number, headers: incoming.headers, body: text });
        outgoing.destroy();
      });
    });
    if (stopAfter !== undefined) {
      outgoing.write(body.subarray(0, stopAfter), () => {
        if (ending === 'cut') outgoing.destroy(new Error('cut off on purpose'));
      });
      return;
    }
    for (const piece of pieces ?? []) outgoing.write(piece);
    outgoing.end(pieces ? undefined : body);
  });
}

/**
 * Writes bytes to a connection, each part after a response to the previous one, and returns everything received until
 * the receiver closes it.
 */
export function sendRaw(url: string, parts: readonly Uint8Array[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const [first, ...rest] = parts;
    const socket = connect(Number(port), hostname, () => socket.write(first as Uint8Array));
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
      const next = rest.shift();
      if (next) socket.write(next);
    });
    socket.on('error', reject);
    socket.on('end', () => {
      socket.end();
      resolve(answer);
    });
  });
}
