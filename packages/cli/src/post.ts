import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** A request to send: headers in their order and spelling, the body byte for byte. */
export interface Posting {
  readonly url: URL;
  /** Alternating names and values, as in Node's `rawHeaders`. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
  /** How long the whole response may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  /** By lowercase name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The beginning of the body, at most 64 KiB. */
  readonly text: string;
  readonly durationMs: number;
}

/** Why there was no response, as a clause that can follow the target's name. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

const MAX_TEXT_BYTES = 65_536;

/** Headers of one connection, which must not be forwarded (RFC 9110 section 7.6.1), and those that the new request sets. */
const ownHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Posts a body and waits for the whole response. Follows no redirect.
 * @throws NoAnswer if there is no response
 */
export function post({ url, headers, body, timeoutMs, signal }: Posting): Promise<Answer> {
  const startedAt = performance.now();
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const deadline = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(new NoAnswer(deadline.aborted ? late(timeoutMs) : reasonOf(error)));
    const request = send(url, {
      method: 'POST',
      agent: false,
      headers: ['Host', url.host, 'Content-Length', String(body.length), ...forwardable(headers)],
      signal: signal ? AbortSignal.any([deadline, signal]) : deadline,
    });
    request.on('error', fail);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        if (size < MAX_TEXT_BYTES) chunks.push(chunk.subarray(0, MAX_TEXT_BYTES - size));
        size += chunk.length;
      });
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
          durationMs: performance.now() - startedAt,
        }),
      );
    });
    request.end(body);
  });
}

/** Returns the headers without those of the connection that they arrived on. */
export function forwardable(headers: readonly string[]): string[] {
  const kept: string[] = [];
  const named = new Set(ownHeaders);
  for (let place = 0; place < headers.length; place += 2) {
    if (headers[place]?.toLowerCase() === 'connection') {
      for (const name of headers[place + 1]?.split(',') ?? []) named.add(name.trim().toLowerCase());
    }
  }
  for (let place = 0; place + 1 < headers.length; place += 2) {
    const [name, value] = [headers[place] as string, headers[place + 1] as string];
    if (!named.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

const late = (timeoutMs: number) => `no response within ${timeoutMs / 1_000} seconds`;

const reasons: Readonly<Record<string, string>> = {
  ABORT_ERR: 'the request was aborted',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed before a response arrived',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'DNS lookup failed',
  ETIMEDOUT: 'the connection timed out',
};

function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return reasons[code] ?? (message || code || 'the request failed');
}
