import { bytesOf, describe, isDetached } from './bytes';
import type { BodySink, BodySource, RawDelivery } from './delivery';
import { bodyHintOf, WebhookError } from './errors';

/** How much is read of a body, and for how long. */
export interface ReadLimits {
  /** In bytes. */
  readonly maxBodyBytes: number;
  /** In milliseconds, for the whole body to arrive. */
  readonly bodyTimeoutMs: number;
}

/**
 * The body's bytes, within the limits.
 * @throws WebhookError BODY_ENCODED, BODY_ALREADY_READ, BODY_TOO_LARGE, BODY_TIMEOUT, BODY_INCOMPLETE
 */
export async function readBody(raw: RawDelivery, limits: ReadLimits): Promise<Uint8Array> {
  return bytesWithin(raw, limits);
}

/** `readBody` without a promise for bytes that are there already. */
export function bytesWithin(raw: RawDelivery, limits: ReadLimits): Uint8Array | Promise<Uint8Array> {
  if (isEncoded(raw.header('content-encoding'))) throw new WebhookError('BODY_ENCODED');
  const { body } = raw;
  if (body === undefined || (typeof body !== 'function' && isDetached(body))) throw alreadyRead(raw);
  if (Number(raw.header('content-length') ?? 0) > limits.maxBodyBytes) throw new WebhookError('BODY_TOO_LARGE');
  if (typeof body === 'function') return collect(raw, body, limits);
  if (body.byteLength > limits.maxBodyBytes) throw new WebhookError('BODY_TOO_LARGE');
  return body;
}

function collect(
  raw: RawDelivery,
  source: BodySource,
  { maxBodyBytes, bodyTimeoutMs }: ReadLimits,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    let settled = false;
    let refused = false;
    let stop: (() => void) | undefined;

    const settle = (finish: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      finish();
    };
    const refuse = (error: WebhookError) =>
      settle(() => {
        refused = true;
        chunks.length = 0;
        reject(error);
        stop?.();
      });
    const timer = setTimeout(() => refuse(new WebhookError('BODY_TIMEOUT')), bodyTimeoutMs);

    const sink: BodySink = {
      chunk(bytes) {
        if (settled) return;
        const chunk = bytesOf(bytes);
        if (!chunk) return sink.fail(new TypeError(`The stream gave ${describe(bytes)} instead of bytes.`));
        size += chunk.byteLength;
        if (size > maxBodyBytes) refuse(new WebhookError('BODY_TOO_LARGE'));
        else chunks.push(chunk);
      },
      end: () => settle(() => resolve(join(chunks, size))),
      fail(cause) {
        // A connection that closes after the end is the usual case, and an error takes long to make.
        if (!settled) refuse(new WebhookError('BODY_INCOMPLETE', { cause, hint: limitHintOf(cause) }));
      },
      consumed(cause) {
        if (!settled) refuse(alreadyRead(raw, cause));
      },
    };
    try {
      stop = source(sink);
      if (refused) stop?.();
    } catch (cause) {
      sink.fail(cause);
    }
  });
}

const alreadyRead = ({ host }: RawDelivery, cause?: unknown) =>
  new WebhookError('BODY_ALREADY_READ', { hint: bodyHintOf(host), ...(cause === undefined ? {} : { cause }) });

/** One piece of bytes; the usual single chunk is taken as it is. */
function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

function isEncoded(header: string | readonly string[] | null | undefined): boolean {
  return header !== null && header !== undefined && !['', 'identity'].includes(String(header).trim().toLowerCase());
}

/** Platforms end a body that is over a limit of theirs as if the connection had been cut. */
function limitHintOf(cause: unknown): string | undefined {
  const { message } = (cause ?? {}) as { message?: unknown };
  if (typeof message !== 'string' || !/limit|too large|exceed/i.test(message)) return undefined;
  return 'The platform ended it: the body exceeds a limit of the platform or of a proxy, such as BODY_SIZE_LIMIT of SvelteKit; see `cause`. Raise that limit to maxBodyBytes.';
}
