import { bytesOf, kindOf } from './bytes';
import type { BodySink, BodySource, RawDelivery } from './delivery';
import { DriverError } from './driver-error';
import { bodyHintOf, WebhookError } from './errors';
import { Pieces } from './pieces';
import { keepAlive } from './wait-until';

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
  if (body === undefined) throw alreadyRead(raw);
  if (Number(raw.header('content-length') ?? 0) > limits.maxBodyBytes) throw new WebhookError('BODY_TOO_LARGE');
  if (typeof body === 'function') return collect(raw, body, limits);
  const bytes = bytesOf(body);
  if (!bytes) throw alreadyRead(raw);
  if (bytes.byteLength > limits.maxBodyBytes) throw new WebhookError('BODY_TOO_LARGE');
  return bytes;
}

function collect(
  raw: RawDelivery,
  source: BodySource,
  { maxBodyBytes, bodyTimeoutMs }: ReadLimits,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces = new Pieces();
    let settled = false;
    let refused = false;
    let stop = () => {};

    const settle = (finish: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      finish();
    };
    const halt = () => {
      try {
        stop();
      } catch (thrown) {
        keepAlive(undefined, thrown);
      }
    };
    const refuse = (error: WebhookError) =>
      settle(() => {
        refused = true;
        pieces.clear();
        reject(error);
        halt();
      });
    const timer = setTimeout(() => refuse(new WebhookError('BODY_TIMEOUT')), bodyTimeoutMs);

    const sink: BodySink = {
      chunk(bytes) {
        if (settled) return;
        const chunk = bytesOf(bytes);
        if (!chunk) return sink.fail(new TypeError(`The stream gave ${kindOf(bytes)} instead of bytes.`));
        if (pieces.size + chunk.byteLength > maxBodyBytes) refuse(new WebhookError('BODY_TOO_LARGE'));
        else pieces.add(chunk);
      },
      end() {
        if (settled) return;
        try {
          const whole = pieces.join();
          settle(() => resolve(whole));
        } catch (cause) {
          sink.fail(cause); // a piece whose memory was transferred to another thread
        }
      },
      fail(cause) {
        // A connection that closes after the end is the usual case, and an error takes long to make.
        if (settled) keepAlive(undefined, cause);
        else {
          const reason = causeIn(cause);
          refuse(new WebhookError('BODY_INCOMPLETE', { hint: limitHintOf(reason.cause), ...reason }));
        }
      },
      consumed(cause) {
        if (settled) keepAlive(undefined, cause);
        else refuse(alreadyRead(raw, cause));
      },
    };
    try {
      stop = source(sink);
      if (refused) halt();
    } catch (cause) {
      sink.fail(cause);
    }
  });
}

const alreadyRead = ({ host }: RawDelivery, cause?: unknown) =>
  new WebhookError('BODY_ALREADY_READ', { hint: bodyHintOf(host), ...causeIn(cause) });

/** The cause, without what a platform attaches to its error: the request, or a part of the body. */
const causeIn = (cause: unknown): { readonly cause?: DriverError } =>
  cause === undefined ? {} : { cause: DriverError.from(cause) };

function isEncoded(header: string | readonly string[] | null | undefined): boolean {
  return header !== null && header !== undefined && !['', 'identity'].includes(String(header).trim().toLowerCase());
}

/** Platforms end a body that is over a limit of theirs as if the connection had been cut. */
function limitHintOf(cause: unknown): string | undefined {
  if (!saysTooLarge(cause)) return undefined;
  return 'The platform ended it: the body exceeds a limit of the platform or of a proxy, such as BODY_SIZE_LIMIT of SvelteKit; see `cause`. Raise that limit to maxBodyBytes.';
}

/** Whether an error, by its name or its message, or what has caused it, says so. */
function saysTooLarge(error: unknown): boolean {
  if (!DriverError.is(error)) return false;
  return /limit|too ?large|exceed/i.test(error.message) || saysTooLarge(error.cause);
}
