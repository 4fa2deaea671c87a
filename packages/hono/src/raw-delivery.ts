import type { RawDelivery, WaitUntil } from '@blue-webhooks/core';
import { type BodySource, type RawBody, readableSource } from '@blue-webhooks/core/adapter';
import type { Context } from 'hono';

/** Converts a Hono request to a raw delivery. */
export function toRawDelivery(c: Context): RawDelivery {
  return {
    method: c.req.method,
    header: (name) => c.req.header(name),
    body: bodyOf(c),
    request: c.req.raw,
    host: 'hono',
    waitUntil: waitUntilOf(c),
  };
}

/** Returns the `waitUntil` of a Worker's context. Node has none, and reading `c.executionCtx` throws there. */
function waitUntilOf(c: Context): WaitUntil | undefined {
  try {
    const context = c.executionCtx;
    return typeof context.waitUntil === 'function' ? (work) => context.waitUntil(work) : undefined;
  } catch {
    return undefined;
  }
}

/** Forms in which Hono's cache keeps the exact bytes. From `json` and `formData` it would serialise the body again. */
const exact = ['arrayBuffer', 'text', 'blob'];

/** Larger bodies are read as a stream: in one piece, they would be in memory once more. */
const MAX_WHOLE_BYTES = 65_536;

function bodyOf({ req, env }: Context): RawBody {
  // For JSON, parseBody() of older versions caches an empty object here although it read nothing.
  delete (req.bodyCache as { parsedBody?: unknown }).parsedBody;
  const [readAs] = Object.keys(req.bodyCache);
  if (readAs === undefined ? req.raw.bodyUsed : !exact.includes(readAs)) return undefined;
  if (readAs !== undefined || Number(req.header('content-length') ?? Number.NaN) <= MAX_WHOLE_BYTES) {
    // The length is known: read in one piece, which Hono's servers do faster than chunk by chunk.
    return (sink) => {
      req.arrayBuffer().then(
        (bytes) => {
          sink.chunk(new Uint8Array(bytes));
          sink.end();
        },
        // A body that was read or locked past Hono rejects with a TypeError, a cut connection with another error.
        (error: Error | undefined) => (error?.name === 'TypeError' ? sink.consumed(error) : sink.fail(error)),
      );
      return () => {};
    };
  }
  const { body } = req.raw;
  if (body?.locked) return undefined;
  if (!body) return new Uint8Array();
  return endedEarlier(env) ? unlessEmpty(readableSource(body)) : readableSource(body);
}

/** Whether Node's own request, which `@hono/node-server` passes on, ended before Hono read it. */
function endedEarlier(env: unknown): boolean {
  return (env as { incoming?: { readableEnded?: boolean } } | undefined)?.incoming?.readableEnded === true;
}

/** Reports an empty body as consumed: a Node parser left nothing, or the stream was buffered and has bytes. */
function unlessEmpty(source: BodySource): BodySource {
  return (sink) => {
    let empty = true;
    const chunk: typeof sink.chunk = (bytes) => {
      empty &&= bytes.length === 0;
      sink.chunk(bytes);
    };
    return source({ ...sink, chunk, end: () => (empty ? sink.consumed() : sink.end()) });
  };
}
