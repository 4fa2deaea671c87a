import type { BodySource, Outcome, RawBody, RawDelivery } from './delivery';
import { WebhookError } from './errors';
import { answerTo } from './outcome';
import { keepAlive, waitUntilOf } from './wait-until';

/** The parts of a request that are read: a Fetch `Request` of the runtime or of undici, or the `HttpRequest` of Azure Functions. */
export interface FetchRequest {
  readonly method: string;
  readonly headers: {
    /** Returns the value of a header, `null` if it is missing. */
    get(name: string): string | null;
  };
  readonly body: FetchBody | null;
  readonly bodyUsed: boolean;
}

/** The parts of a web stream that are read. */
export interface FetchBody {
  readonly locked: boolean;
  /** Locks the stream and returns what reads it. */
  getReader(): {
    /** Returns the next bytes, or that the stream has ended. */
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    /** Cancels the stream: its sender may stop. */
    cancel(): Promise<unknown>;
  };
}

/**
 * Converts a Fetch request to a raw delivery.
 * @param context the arguments that the platform passes after the request, such as `env` and `ctx` of Workers: the first that
 * has `waitUntil` keeps hooks alive
 */
export function toRawDelivery(request: FetchRequest, ...context: readonly unknown[]): RawDelivery {
  return {
    method: request.method,
    header: (name) => request.headers.get(name),
    body: bodyOf(request),
    request,
    waitUntil: waitUntilOf(context),
  };
}

function bodyOf({ bodyUsed, body }: FetchRequest): RawBody {
  if (bodyUsed || body?.locked) return undefined;
  return body ? readableSource(body) : new Uint8Array();
}

/** The answer as a Fetch response: to an outcome, or to the error that `verify` and `verifyRequest` throw. */
export function toResponse(result: Outcome | WebhookError): Response {
  const { status, headers, body } = WebhookError.is(result) ? answerTo(result.code) : result;
  return new Response(body, { status, headers });
}

/** Reads a web stream, and cancels it when core has had enough. */
export function readableSource(stream: FetchBody): BodySource {
  return (sink) => {
    const reader = stream.getReader();
    let stopped = false; // a stream that cannot be cancelled would go on
    const pump = async (): Promise<void> => {
      while (!stopped) {
        const { done, value } = await reader.read();
        if (done) return sink.end();
        sink.chunk(value as Uint8Array);
      }
    };
    pump().catch(sink.fail);
    return () => {
      stopped = true;
      keepAlive(undefined, reader.cancel());
    };
  };
}
